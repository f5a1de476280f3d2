using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.Providers.Http;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Cli.Commands;

/// <summary>The command that continues a batch, with the options that its calls need.</summary>
internal static class WorkHint
{
    public static async Task<string> OfAsync(EnrichmentClient client, Guid batch, int items, CancellationToken cancellationToken)
    {
        var stages = PipelineSnapshot
            .FromJson((await client.GetBatchAsync(batch, cancellationToken)).Snapshot)
            .Stages.Where(stage => !ToolSteps.IsBuiltIn(stage.Manifest.Slug))
            .ToList();
        var here = stages.Count == 0 ? [] : VendorOptions.SlugsOfFolder();
        var away = stages.Select(stage => stage.Manifest.Slug).Except(here).ToList();
        var addresses = stages.SelectMany(stage => stage.Settings is { } settings ? Addresses(settings) : []).ToList();
        var inside = addresses
            .Where(address => OutboundHttp.Default.Refusal(address) is not null)
            .Select(address => address.IdnHost)
            .Distinct()
            .ToList();
        return $"'enrich work --until-drained{(away.Count == 0 ? "" : " --vendors FOLDER")}{string.Concat(inside.Select(host => $" --allow {host}"))}' goes on with {(items == 1 ? "it" : "them")}"
            + (away.Count == 0 ? "" : $", where FOLDER has the file of {string.Join(" and ", away)}")
            + (addresses.Count == 0 || inside.Count > 0 ? "" : "; add --allow HOST if a vendor is inside your network");
    }

    // A host that is a name tells only when it is called whether it is inside.
    private static IEnumerable<Uri> Addresses(JsonElement settings) =>
        settings.ValueKind switch
        {
            JsonValueKind.Object => settings
                .EnumerateObject()
                .SelectMany(setting =>
                    setting.Value.ValueKind != JsonValueKind.String ? Addresses(setting.Value)
                    : setting.Name.Equals("url", StringComparison.OrdinalIgnoreCase)
                    && UrlTemplate.Host(setting.Value.GetString()!) is { } host
                        ? [host]
                    : []),
            JsonValueKind.Array => settings.EnumerateArray().SelectMany(Addresses),
            _ => [],
        };
}
