using System.Text.Json.Nodes;
using Enrichment.Cli.Files;
using Enrichment.Ingestion;

namespace Enrichment.Cli;

/// <summary>How a file would be staged, in lines: for the operator's screen alone, as it has values of the file.</summary>
internal static class UploadPreviewText
{
    private const int ShownRejections = 20;

    public static Answer Of(UploadPreview preview)
    {
        var json = JsonNode.Parse(preview.Report.ToJson())!.AsObject();
        json["columns"] = JsonNode.Parse(Answer.Json(preview.Columns.Select(column => new
        {
            column.Column.Position, column.Column.Name, column.Field, column.Filled, column.Samples,
        })));
        json["same_content"] = preview.SameContent?.Id;
        json["rejections_left_out"] = preview.Report.Rejected - preview.Report.Rejections.Length;
        return new(json, string.Join('\n', Lines(preview)));
    }

    private static IEnumerable<string> Lines(UploadPreview preview)
    {
        var report = preview.Report;
        yield return $"{Plural.Of(report.Rows, "row")}, {report.Accepted:n0} accepted, {report.Rejected:n0} rejected; {report.Workstream}, {report.Format}, {report.Encoding}. Nothing was stored.";
        foreach (var column in preview.Columns)
        {
            var share = report.Accepted == 0 ? "" : $", {(int)(100.0 * column.Filled / report.Accepted)} % filled";
            yield return $"  column {column.Column.Position} {Visible.Line(column.Column.Name)}: {column.Field ?? "feeds no field"}{share}{(column.Samples.Count == 0 ? "" : $"; {string.Join(", ", column.Samples)}")}";
        }

        if (report.Mappings.Length > 0)
        {
            yield return $"  mapped by the client's own mapping {string.Join(", ", report.Mappings)}";
        }

        foreach (var choice in report.Ambiguous)
        {
            var columns = string.Join(", ", choice.Columns.Select(column => Visible.Line(column.Name)));
            yield return choice.Fields.Length > 1
                ? $"  conflict: {columns} is claimed by {string.Join(", ", choice.Fields)}; the first has it"
                : $"  choice: {choice.Fields[0]} is the first value among {columns}";
        }

        foreach (var rejection in report.Rejections.Take(ShownRejections))
        {
            yield return $"  row {rejection.Row} (line {rejection.Line}) would be rejected: {Visible.Line(rejection.Reason)}";
        }

        if (report.Rejected > Math.Min(ShownRejections, report.Rejections.Length))
        {
            yield return $"  … and {report.Rejected - Math.Min(ShownRejections, report.Rejections.Length):n0} more ({string.Join(", ", report.RejectedByCode.Select(code => $"{code.Key} {code.Value:n0}"))})";
        }

        if (preview.SameContent is { } same)
        {
            yield return $"The same bytes were uploaded {same.SealedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z: upload {same.Id}.";
        }
    }
}
