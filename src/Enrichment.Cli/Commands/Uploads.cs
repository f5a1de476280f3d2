using Enrichment.Cli.Files;
using Enrichment.Ingestion;

namespace Enrichment.Cli.Commands;

/// <summary>What `run` and `upload` share.</summary>
internal static class Uploads
{
    private const int ShownRejections = 5;
    private const int ShownColumns = 10;

    public static async Task<UploadResult> StageAsync(
        EnrichmentClient client,
        Input input,
        string? workstream,
        UploadOptions options,
        bool again,
        StatusLine status,
        CancellationToken cancellationToken)
    {
        await using var metered = new MeteredStream(input.Content);
        var size = input.Content.CanSeek ? input.Content.Length : (long?)null;
        var result = await status.DuringAsync(
            $"staging {input.Name}",
            () =>
                size is { } all
                    ? $"{Sizes.Words(metered.ReadSinceStart)} of {Sizes.Words(all)} read"
                    : $"{Sizes.Words(metered.ReadSinceStart)} read",
            () => client.UploadAsync(metered, workstream, options, again, cancellationToken));
        Tell(input, workstream, result, status);
        return result;
    }

    private static void Tell(Input input, string? workstream, UploadResult result, StatusLine status)
    {
        var report = result.Report;
        status.Say($"{input.Name}: {Plural.Of(report.Rows, "row")}, {report.Accepted:n0} accepted, {report.Rejected:n0} rejected; "
            + $"{Plural.Of(report.Mapped.Length, "field")}, {Plural.Of(report.Unmapped.Length, "column")} unmapped"
            + $" ({result.Upload.Workstream}{(workstream is null ? " by its headers" : "")}, {report.Encoding}){(result.AlreadyThere ? "; uploaded before" : "")}.");
        if (report.Mappings.Length > 0)
        {
            status.Say($"  columns are mapped by the client's own mapping {string.Join(", ", report.Mappings)}; 'enrich mappings' lists and forgets them");
        }

        if (report.DoubleEncoded > 0)
        {
            status.Say(
                $"  {Plural.Of(report.DoubleEncoded, "row")} with text that was decoded twice, such as JosÃ©: save the list as UTF-8 again; normalizing steps repair names where that is certain");
        }

        foreach (var nested in report.Nested)
        {
            status.Say(
                $"  {nested.Field}: {Plural.Of(nested.Rows, "row")} with a JSON object or list in {Visible.Line(nested.Column.Name)}; steps that read text pass it over, the raw row keeps it");
        }

        if (report.Unmapped.Length > 0)
        {
            var more = report.Unmapped.Length - ShownColumns;
            status.Say(
                $"  unmapped: {string.Join(", ", report.Unmapped.Take(ShownColumns).Select(column => Visible.Line(column.Name)))}{(more > 0 ? $" and {more:n0} more" : "")}");
        }

        foreach (var rejection in report.Rejections.Take(ShownRejections))
        {
            status.Say($"  row {rejection.Row} (line {rejection.Line}) rejected: {Visible.Line(rejection.Reason)}");
        }

        var shown = Math.Min(ShownRejections, report.Rejections.Length);
        if (report.Rejected > shown)
        {
            status.Say(
                $"  … and {report.Rejected - shown:n0} more ({string.Join(", ", report.RejectedByCode.Select(code => $"{code.Key} {code.Value:n0}"))}); --rejects FILE writes them all.");
        }
    }
}
