using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Cli.Files;
using Enrichment.Pipelines;
using Enrichment.Providers.Normalization;

namespace Enrichment.Cli;

/// <summary>The pipeline that the command line names: a JSON file, or <c>normalize</c>, which ships with the tool.</summary>
internal sealed class PipelineChoice
{
    public const string Normalize = "normalize";
    private const string Description =
        "A JSON file, the name of one in this folder (leads for leads.json), - for standard input, or 'normalize': every built-in step that has a column to read.";
    private readonly PipelineDefinition? definition;
    private readonly string identity;

    private PipelineChoice(PipelineDefinition? definition, string identity)
    {
        this.definition = definition;
        this.identity = identity;
    }

    public static Option<string> Option() => new("--pipeline") { Description = Description, HelpName = "FILE|NAME", Required = true };

    /// <exception cref="EnrichmentException">There is no such file or name, or the file is no pipeline.</exception>
    public static PipelineChoice Read(string given)
    {
        if (DefinitionFile.Find(given, "--pipeline") is { } file)
        {
            return new(file.Read(PipelineDefinition.Load, PipelineDefinition.Parse),
                Convert.ToHexStringLower(SHA256.HashData(file.Bytes))) { Path = file.Path };
        }

        return given == Normalize
            ? new(null, Normalize)
            : throw new EnrichmentException(
                $"There is no pipeline '{given}': neither a file of this name, nor {given}.json, nor one that ships with the tool ({Normalize}).{Nearest.Hint(given, [Normalize, .. DefinitionFile.Names("stages")])}");
    }

    /// <summary>Its file; null if it ships with the tool.</summary>
    public string? Path { get; private init; }

    /// <summary>The steps that it names; none if every step is built in.</summary>
    public IReadOnlyList<string> Steps => definition is null ? [] : [.. definition.Stages.Select(stage => stage.Step)];

    /// <exception cref="EnrichmentException">It is made for the columns of one upload.</exception>
    public PipelineDefinition ForTable() => definition
        ?? throw new EnrichmentException($"The pipeline '{Normalize}' is made for the columns of one upload. Name a file: --pipeline leads.json.");

    public PipelineDefinition For(Upload upload) => definition ?? NormalizeFor(upload);

    /// <summary>
    /// The launch key of the first batch of this pipeline over these rows of the upload: two launches with the same key are one.
    /// </summary>
    public string LaunchKey(Upload upload, int? limit) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"enrich run\n{upload.Id}\n{identity}\n{limit}")));

    /// <summary>The launch key of one more batch of them.</summary>
    public string AnotherLaunchKey(Upload upload, int? limit) => $"{LaunchKey(upload, limit)}/{Guid.CreateVersion7()}";

    /// <summary>The youngest batch of this pipeline over these rows that still has its rows. Null if there is none.</summary>
    public ValueTask<Batch?> FindBatchAsync(EnrichmentClient client, Upload upload, int? limit, CancellationToken cancellationToken)
    {
        var key = LaunchKey(upload, limit);
        return client.ListBatchesAsync(cancellationToken)
            .TakeWhile(batch => batch.CreatedAt >= upload.SealedAt)
            .FirstOrDefaultAsync(batch => batch.PrunedAt is null && batch.LaunchKey.Split('/')[0] == key, cancellationToken);
    }

    /// <summary>Every built-in step that has a column to work on, or a field that one before it produces.</summary>
    public static IReadOnlyList<string> StepsFor(Upload upload)
    {
        var known = upload.HeaderMap.Keys.ToHashSet(StringComparer.Ordinal);
        List<string> slugs = [];
        foreach (var manifest in new NormalizationProvider().Steps.Select(step => step.Manifest)
            .Where(manifest => manifest.Reads.Any(field => known.Contains(field) && Feeds(field, manifest))))
        {
            slugs.Add(manifest.Slug);
            known.UnionWith(manifest.Produces.Select(produced => produced.Field));
        }

        return slugs;
    }

    // A country only says how a telephone number is to be read: without a number there is nothing to do.
    private static bool Feeds(string field, StepManifest manifest) =>
        field is not ("company.country" or "person.country") || manifest.Produces.Any(produced => produced.Field == field);

    private static PipelineDefinition NormalizeFor(Upload upload) =>
        StepsFor(upload) is { Count: > 0 } slugs
            ? PipelineDefinition.Create(
                Normalize,
                pipeline =>
                {
                    foreach (var slug in slugs)
                    {
                        pipeline.Step(slug);
                    }
                })
            : throw new EnrichmentException(
                $"The pipeline '{Normalize}' has nothing to do: no column of '{upload.FileName}' feeds a field that a built-in step reads. {HowToMap(upload)}");

    /// <summary>What helps a file whose headers say nothing to the built-in steps.</summary>
    public static string HowToMap(Upload upload) =>
        "Say what its headers mean in a workstream of your own, --workstream list.json, "
        + $$$"""with {"name": "list", "version": 1, "fields": {"company.name": [{{{JsonSerializer.Serialize(upload.Columns.Count > 0 ? upload.Columns[0] : "Company", StarterFiles.Inline)}}}]}}. """
        + "'enrich fields' lists the fields and the headers that are known.";
}
