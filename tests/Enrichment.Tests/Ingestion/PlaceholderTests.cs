using Enrichment.Ingestion;

namespace Enrichment.Tests.Ingestion;

/// <summary>Cells that stand for nothing, and text that was decoded twice.</summary>
public sealed class PlaceholderTests
{
    private static readonly Workstream Strict = Workstream.Define(
        "strict",
        1,
        w => w.Field("company.name", "Company").Field("person.email", "Email").Required("company.name"));

    [Theory]
    [InlineData("#REF!")]
    [InlineData("#N/A")]
    [InlineData(" none ")]
    [InlineData("-")]
    public async Task A_placeholder_satisfies_no_requirement(string cell)
    {
        var (csv, _) = await ReadAsync($"Company,Email\n{cell},a@acme.test\nAcme,#N/A\n");
        Assert.Equal((1, 1), (csv.Accepted, csv.Rejected));
        Assert.Equal(1, csv.RejectedByCode["required_field_blank"]);

        var (lines, _) = await ReadAsync($$"""{"Company":"{{cell}}"}""" + "\n" + """{"Company":"Acme"}""" + "\n");
        Assert.Equal((1, 1), (lines.Accepted, lines.Rejected));
    }

    [Fact]
    public async Task A_placeholder_is_kept_as_it_came()
    {
        var (_, rows) = await ReadAsync("Company,Email\nAcme,#N/A\n");
        Assert.Equal("""["Acme","#N/A"]""", Assert.Single(rows).Json);
    }

    [Fact]
    public async Task Rows_with_text_that_was_decoded_twice_are_counted_and_kept()
    {
        var (report, rows) = await ReadAsync("Company,Email\nJosÃ© SL,a@acme.test\nJosé SL,b@acme.test\nJosÃ© und José,c@acme.test\n");
        Assert.Equal(2, report.DoubleEncoded);
        Assert.Equal(3, rows.Count);
        Assert.Equal(1, (await ReadAsync("""{"Company":"JosÃ©"}""" + "\n" + """{"Company":"José"}""" + "\n")).Report.DoubleEncoded);
    }

    [Fact]
    public async Task Rows_with_an_object_or_list_for_a_field_are_counted_by_field_and_kept()
    {
        var (report, rows) = await ReadAsync(
            """
            {"Company":{"name":"Acme"},"Email":"a@acme.test","Extra":[1]}
            {"Company":"Acme","Email":["b@acme.test"]}
            {"Company":["Acme"],"Email":"c@acme.test"}
            {"Email":["rejected@acme.test"]}
            """);
        Assert.Equal(
            [("company.name", "Company", 2), ("person.email", "Email", 1)],
            report.Nested.Select(nested => (nested.Field, nested.Column.Name, nested.Rows)));
        Assert.Equal((3, 1), (report.Accepted, report.Rejected));
        Assert.Equal("""[{"name":"Acme"},"a@acme.test",[1]]""", rows[0].Json);
        Assert.Empty((await ReadAsync("Company,Email\n{},[]\n")).Report.Nested);
    }

    private static Task<(UploadReport Report, List<(int Row, string Json)> Rows)> ReadAsync(string text) => Reading.ReadAsync(text, Strict);
}
