using System.Text;
using Enrichment.Ingestion;

namespace Enrichment.Tests.Ingestion;

/// <summary>Reads uploads to their end, as tests want them.</summary>
internal static class Reading
{
    public static Workstream Workstream(string name) =>
        name == "any" ? Enrichment.Ingestion.Workstream.Any : Enrichment.Ingestion.Workstream.BuiltIn.Single(w => w.Name == name);

    public static Task<(UploadReport Report, List<(int Row, string Json)> Rows)> ReadAsync(
        string text,
        Workstream? workstream = null,
        UploadOptions? options = null) =>
        ReadAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(text)),
            workstream ?? Enrichment.Ingestion.Workstream.Any,
            options ?? new UploadOptions());

    public static async Task<(UploadReport Report, List<(int Row, string Json)> Rows)> ReadAsync(
        Stream stream,
        Workstream workstream,
        UploadOptions options)
    {
        await using var intake = await UploadReader.OpenAsync(stream, workstream, options, [], default);
        var rows = new List<(int, string)>();
        await foreach (var batch in intake.ReadAsync())
        {
            foreach (var row in batch.Accepted)
            {
                rows.Add((row.Row, Encoding.UTF8.GetString(row.Raw.Span)));
            }
        }

        return (intake.Report, rows);
    }

    public static async Task<UploadException> RefusedAsync(Stream stream, UploadOptions? options = null) =>
        await Assert.ThrowsAsync<UploadException>(() =>
            ReadAsync(stream, Enrichment.Ingestion.Workstream.Any, options ?? new UploadOptions()));
}
