using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Ingestion;

namespace Enrichment.Tests.Ingestion;

/// <summary>A file below data/ and, beside it, exactly what must come of it.</summary>
/// <param name="File">Its name.</param>
/// <param name="Content">Its bytes, as the file was made; the test reads the file.</param>
/// <param name="Workstream">A built-in workstream, or <c>any</c>.</param>
/// <param name="Options">How it is read.</param>
internal sealed record Fixture(string File, byte[] Content, string Workstream, UploadOptions Options)
{
    private const int RowsShown = 5;
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    public string DataPath => Path.Combine(Folder(), File);

    public string ReportPath => DataPath + ".report.json";

    /// <summary>Report and first rows, or the error, as the file beside the data has it.</summary>
    public async Task<string> OutcomeAsync()
    {
        var outcome = new JsonObject { ["workstream"] = Workstream };
        try
        {
            await using var stream = System.IO.File.OpenRead(DataPath);
            var (report, rows) = await Reading.ReadAsync(stream, Reading.Workstream(Workstream), Options with { FileName = File });
            outcome["report"] = JsonNode.Parse(report.ToJson());
            outcome["first_rows"] = new JsonArray([.. rows.Take(RowsShown).Select(r => JsonNode.Parse(r.Json))]);
            Assert.Equal(report.Rows, report.Accepted + report.Rejected);
            Assert.Equal(report.Accepted, rows.Count);
        }
        catch (UploadException e)
        {
            outcome["error"] = new JsonObject { ["code"] = e.Code, ["message"] = e.Message };
        }

        return outcome.ToJsonString(Indented) + "\n";
    }

    private static string Folder([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "data");
}
