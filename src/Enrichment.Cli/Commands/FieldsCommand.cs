using System.CommandLine;
using Enrichment.Ingestion;

namespace Enrichment.Cli.Commands;

/// <summary>The canonical fields.</summary>
internal sealed class FieldsCommand : CliCommand
{
    private readonly VendorOptions vendors = new();

    public FieldsCommand()
        : base(
            "fields",
            "Lists the canonical fields: the steps that read and produce each, and its headers in files (--json lists all of them). Steps, conditions and projections name fields. Needs no store.",
            "enrich fields",
            "enrich fields --json")
    {
        vendors.AddTo(this, calls: false);
        LimitOption.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var manifests = ToolSteps.All(vendors, parsed).Select(step => step.Manifest).ToList();
        var readBy = manifests
            .SelectMany(manifest => manifest.Reads, (manifest, field) => (manifest.Slug, field))
            .ToLookup(read => read.field, read => read.Slug);
        var producedBy = manifests
            .SelectMany(manifest => manifest.Produces, (manifest, produced) => (manifest.Slug, produced.Field))
            .ToLookup(step => step.Field, step => step.Slug);
        var fields = KnownField.All.ToDictionary(field => field.Name, StringComparer.Ordinal);
        var list = new Listing(parsed, "fields", "field", "read by", "produced by", "headers") { Nothing = "There are no fields." };
        var names = readBy.Concat(producedBy).Select(group => group.Key).Concat(fields.Keys).Distinct();
        foreach (var field in names.Order(StringComparer.Ordinal))
        {
            var known = fields.GetValueOrDefault(field);
            var headers = known?.Headers ?? [];
            await list.AddAsync(
                new { Field = field, known?.Meaning, ReadBy = readBy[field], ProducedBy = producedBy[field], Headers = headers },
                field, string.Join(", ", readBy[field]), string.Join(", ", producedBy[field]),
                Listing.First(headers));
        }

        return await list.EndAsync();
    }
}
