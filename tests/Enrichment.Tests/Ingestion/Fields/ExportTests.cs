using System.Globalization;
using Enrichment.Ingestion;
using Xunit.Abstractions;

namespace Enrichment.Tests.Ingestion.Fields;

/// <summary>The lists that people really bring, and what must be understood of them.</summary>
public sealed class ExportTests(ITestOutputHelper output)
{
    private const double Target = 0.95;

    public static TheoryData<string> Names => [.. ExportCase.All.Select(export => export.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_column_of_an_export_feeds_a_wrong_field(string name)
    {
        var (_, _, wrong) = await ReadAsync(ExportCase.All.Single(export => export.Name == name), null);
        Assert.True(wrong.Count == 0, $"{name}:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public async Task Nearly_every_key_column_is_understood()
    {
        var (keys, right) = (0, 0);
        foreach (var export in ExportCase.All)
        {
            var (missing, found, _) = await ReadAsync(export, null);
            (keys, right) = (keys + missing.Count + found, right + found);
            output.WriteLine(
                $"{found, 3} of {missing.Count + found, 3}  {export.Name}{string.Concat(missing.Select(line => $"\n            {line}"))}");
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{right} of {keys} key columns of {ExportCase.All.Count} lists: {100.0 * right / keys:f1} %"));
        Assert.True(ExportCase.All.Count >= 60);
        Assert.True(right >= keys * Target, $"{right} of {keys} key columns are understood; expected at least {Target:p0}.");
    }

    /// <summary>Whatever the workstream, the same columns are understood: it states rules, the vocabulary is one.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_workstream_understands_what_any_list_may_have(string name)
    {
        var export = ExportCase.All.Single(export => export.Name == name);
        var plain = await FieldsAsync(export, Workstream.Any);
        foreach (var workstream in Workstream.BuiltIn.Where(workstream => workstream.Name != "customer_companies"))
        {
            Assert.Equal(plain, await FieldsAsync(export, workstream));
        }

        // It says that its rows are companies, so that a plain "Name" is theirs.
        var customers = await FieldsAsync(export, Workstream.BuiltIn.Single(workstream => workstream.Name == "customer_companies"));
        Assert.Subset(Columns(customers), Columns(plain));

        Assert.Equal(plain, await FieldsAsync(export, await RecognizeAsync(export)));
    }

    /// <summary>A guess rejects nothing, so that a good lead is not lost to the rules of a list that it is not.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_recognised_list_loses_no_row_to_rules(string name)
    {
        var export = ExportCase.All.Single(export => export.Name == name);
        await using var content = export.Open();
        var (report, _) = await Reading.ReadAsync(content, await RecognizeAsync(export), new() { FileName = export.File ?? "list.csv" });
        Assert.DoesNotContain(report.RejectedByCode.Keys, code => code is "required_field_blank" or "any_of_blank");
    }

    private static async Task<Workstream> RecognizeAsync(ExportCase export)
    {
        await using var content = export.Open();
        return await WorkstreamRecognition.RecognizeAsync(
            content,
            new() { FileName = export.File ?? "list.csv" },
            Workstream.BuiltIn,
            default);
    }

    private static HashSet<string> Columns(List<string> fields) =>
        [.. fields.SelectMany(field => field[(field.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split(", "))];

    private static async Task<List<string>> FieldsAsync(ExportCase export, Workstream workstream)
    {
        await using var content = export.Open();
        await using var intake = await UploadReader.OpenAsync(content, workstream, new() { FileName = export.File ?? "list.csv" }, [], default);
        return
        [
            .. intake
                .Beginning.Binding.Fields.Select(field => $"{field.Field}: {string.Join(", ", field.Columns)}")
                .Order(StringComparer.Ordinal),
        ];
    }

    private static async Task<(List<string> Missing, int Right, List<string> Wrong)> ReadAsync(ExportCase export, Workstream? workstream)
    {
        await using var content = export.Open();
        await using var intake = await UploadReader.OpenAsync(
            content,
            workstream ?? Workstream.Any,
            new() { FileName = export.File ?? "list.csv" },
            [],
            default);
        var columns = intake.Beginning;
        Assert.Equal(export.Columns.Select(column => HeaderName.Normalize(column.Header)), columns.Headers.Select(HeaderName.Normalize));
        var fields = columns
            .Binding.Fields.SelectMany(field => field.Columns, (field, column) => (field.Field, column))
            .ToDictionary(pair => pair.column, pair => pair.Field);
        var (missing, right, wrong) = (new List<string>(), 0, new List<string>());
        for (var i = 0; i < export.Columns.Count; i++)
        {
            var (column, field) = (export.Columns[i], fields.GetValueOrDefault(i, "none"));
            if (field == column.Expected && column.IsKey)
            {
                right++;
            }
            else if (field != column.Expected && column.Expected != "any")
            {
                (field == "none" ? missing : wrong).Add($"'{column.Header}' feeds {field}; expected {column.Expected}.");
            }
        }

        return (missing, right, wrong);
    }
}
