using System.Text;
using System.Text.Json;

namespace Enrichment.Providers.Lookup.Tests;

/// <summary>What a reference table answers, and when it is read.</summary>
public sealed class CsvTests : IDisposable
{
    private const string Head = "Company Domain,Size,Industry,Asked,Nothing\n";
    private readonly string folder = Directory.CreateTempSubdirectory("lookup-").FullName;

    private string Table => Path.Combine(folder, "companies.csv");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_row_answers_in_text_and_an_empty_cell_is_null()
    {
        Write(
            Head
                + "https://www.ACME.com/about,42,\"Anvils, \"\"large\"\"\",2025-12-01,no\nhalf.com, ,Dust,2025-12-01,\nempty.com,,,2025-12-01,\n"
        );
        var lookup = Lookup();

        Assert.Equal(
            """{"company.size":"42","company.industry":"Anvils, \u0022large\u0022","known.outcome":"found","known.source":"list","known.at":"2025-12-01T00:00:00Z"}""",
            await SaidAsync(lookup, "acme.com"));
        Assert.StartsWith(
            """{"company.size":null,"company.industry":"Dust",""",
            await SaidAsync(lookup, "half.com"),
            StringComparison.Ordinal);
        Assert.Equal("NotFound: The item's row has no value in it.", await SaidAsync(lookup, "empty.com"));
        Assert.Equal("NotFound: There is no row for the item.", await SaidAsync(lookup, "nobody.com"));
        Assert.Equal("Skipped: The record lacks a part of the key: company.domain (Domain).", await SaidAsync(lookup, null));
    }

    [Fact]
    public async Task Freshness_and_known_negatives_are_those_of_a_query()
    {
        Write(
            Head
                + "old.com,1,a,2025-10-02 23:59:59,\nnew.com,1,a,2025-10-03T00:00:00+00:00,\nundated.com,1,a,,\ngone.com,,,2025-12-02,Yes\ngone-again.com,,,2025-12-01T23:59Z,TRUE\n");
        var answers = await Lookup()
            .AskAsync([.. new[] { "old.com", "new.com", "undated.com", "gone.com", "gone-again.com" }.Select(Asked)]);

        Assert.Equal(
            [null, "found", null, "nothing", null],
            answers.Select(answer =>
                answer.Kind == StepOutcomeKind.Completed
                    ? JsonElement.Parse(answer.Result.Span).GetProperty("known.outcome").GetString()
                    : null));
    }

    [Fact]
    public async Task Keys_without_form_are_passed_over_and_cells_that_mean_nothing_cost_their_item()
    {
        Write(Head + "n/a,1,a,,\n,2,b,,\n,3,c,,\nacme.com,4,d,31.12.2025,\nbolt.com,5,e,2025-12-01,perhaps\ngood.com,6,f,2025-12-01,0\n");
        var answers = await Lookup().AskAsync([.. new[] { "acme.com", "bolt.com", "good.com" }.Select(Asked)]);

        Assert.StartsWith(
            "Failed Permanent: Line 5: the value that dates the row is not a date",
            TryLookup.Said(answers[0]),
            StringComparison.Ordinal);
        Assert.Equal(
            "Failed Permanent: Line 6: the value that marks a known absence is neither yes nor no.",
            TryLookup.Said(answers[1]));
        Assert.Equal(StepOutcomeKind.Completed, answers[2].Kind);
    }

    [Fact]
    public async Task Rows_that_nothing_can_find_are_counted_and_told_once_for_each_reading()
    {
        Write(Head + "acme.com,1,a,2025-12-01,\ncanary@,2,b,,\n,3,c,,\nbolt.com,4,d,2025-12-01,\n");
        var lookup = Lookup();

        await lookup.AskAsync("acme.com");
        await lookup.AskAsync("bolt.com");
        Assert.Equal(
            ["Warning: companies.csv: 2 of 4 rows are never found, because they have no key, Company Domain (Domain): lines 3, 4"],
            lookup.Logged);

        Write(Head + "acme.com,1,a,2025-12-01,\n" + string.Concat(Enumerable.Repeat("n/a,2,b,,\n", 7)));
        await lookup.AskAsync("acme.com");
        Assert.Equal(
            "Warning: companies.csv: 7 of 8 rows are never found, because they have no key, Company Domain (Domain): lines 3, 4, 5, 6, 7 and more",
            Assert.Single(lookup.Logged.Skip(1)));

        Write(Head + "acme.com,1,a,2025-12-01,\n");
        await lookup.AskAsync("acme.com");
        Assert.Equal(2, lookup.Logged.Count);
    }

    [Fact]
    public async Task A_table_without_any_key_is_a_fault_and_one_without_rows_is_not()
    {
        Write(Head + "Acme Inc,1,a,2025-12-01,\ncanary,2,b,,\n");
        var lookup = Lookup();
        Assert.Equal(
            "Failed Configuration: companies.csv has no row with a usable key, Company Domain (Domain): none of its 2 rows has such a value. Correct the columns of Key or their form, or the table.",
            await SaidAsync(lookup, "acme.com"));
        Assert.Empty(lookup.Logged);

        Write(Head);
        Assert.Equal("NotFound: There is no row for the item.", await SaidAsync(lookup, "acme.com"));
        Assert.Empty(lookup.Logged);
    }

    [Fact]
    public async Task One_key_on_several_lines_is_a_fault_of_the_table_unless_the_freshest_is_asked_for()
    {
        Write(Head + "acme.com,1,Old,2025-11-01,\nwww.acme.com,2,New,2025-12-01,\nbolt.com,3,x,,\nACME.com,4,Undated,,\nbolt.com,5,y,,\n");

        Assert.Equal(
            "Failed Configuration: companies.csv has the same key on several lines: 2 and 3, 2 and 5, 4 and 6. Remove one of each, or set Rows to Freshest.",
            await SaidAsync(Lookup(), "other.com"));
        Assert.StartsWith(
            """{"company.size":"2","company.industry":"New",""",
            await SaidAsync(Lookup(", \"rows\": \"Freshest\""), "acme.com"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_is_read_once_and_again_when_its_file_has_changed()
    {
        var lookup = Lookup();
        Write(Head + "acme.com,1,a,2025-12-01,\n");
        Assert.StartsWith("""{"company.size":"1",""", await SaidAsync(lookup, "acme.com"), StringComparison.Ordinal);
        var written = File.GetLastWriteTimeUtc(Table);

        Write(Head + "acme.com,2,a,2025-12-01,\n"); // As long as before.
        File.SetLastWriteTimeUtc(Table, written);
        Assert.StartsWith("""{"company.size":"1",""", await SaidAsync(lookup, "acme.com"), StringComparison.Ordinal);

        File.SetLastWriteTimeUtc(Table, written.AddSeconds(1));
        Assert.StartsWith("""{"company.size":"2",""", await SaidAsync(lookup, "acme.com"), StringComparison.Ordinal);

        File.Delete(Table);
        Assert.StartsWith("Failed Configuration: There is no file '", await SaidAsync(lookup, "acme.com"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Company Domain;Size;Industry;Asked;Nothing\nacme.com;42;Anvils;2025-12-01;\n")]
    [InlineData("company domain\tSIZE\tIndustry \tAsked\tNothing\r\nacme.com\t42\tAnvils\t2025-12-01\t\r\n\r\n")]
    [InlineData("\uFEFFCompany Domain,Size,Industry,Asked,Nothing,Size of what\n\"acme\n.com\",1,x,,,\nacme.com,42,Anvils,2025-12-01,,\n")]
    public async Task Delimiters_line_ends_and_byte_order_marks_may_be_any(string table)
    {
        Write(table);

        Assert.StartsWith(
            """{"company.size":"42","company.industry":"Anvils",""",
            await SaidAsync(Lookup(), "acme.com"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "Company Domain,Size\nacme.com,canary\n",
        "companies.csv has no column 'Industry'. It has Company Domain, Size. Correct the name in the settings or there.")]
    [InlineData(
        "Company Domain,Size,Size,Industry,Asked,Nothing\n",
        "companies.csv has several columns 'Size'. It has Company Domain, Size, Size, Industry, Asked, Nothing. Correct the name in the settings or there.")]
    [InlineData(
        Head + "acme.com,1,a,,\ncanary.com,2\n",
        "companies.csv, line 3: its quotes do not match, or its number of cells differs from the header's.")]
    [InlineData(
        Head + "acme.com,1,a,,\n\"canary.com,2,b,,\n",
        "companies.csv, line 3: its quotes do not match, or its number of cells differs from the header's.")]
    [InlineData("", "companies.csv has no column 'Company Domain'. It has none. Correct the name in the settings or there.")]
    public async Task A_table_that_is_not_sound_answers_nothing_and_says_where(string table, string problem)
    {
        Write(table);

        Assert.Equal($"Failed Configuration: {problem}", await SaidAsync(Lookup(), "acme.com"));
    }

    [Fact]
    public async Task A_table_in_another_encoding_is_told()
    {
        await File.WriteAllBytesAsync(Table, Encoding.Latin1.GetBytes(Head + "acme.com,1,Käse,,\n"));

        Assert.Equal("Failed Configuration: companies.csv is not UTF-8. Save it as UTF-8.", await SaidAsync(Lookup(), "acme.com"));
    }

    [Fact]
    public async Task A_table_that_is_too_large_is_not_read()
    {
        Write(Head + new string('\n', 1024 * 1024));

        Assert.StartsWith(
            "Failed Configuration: companies.csv has more than 1 MiB.",
            await SaidAsync(Lookup(", \"maxMegabytes\": 1"), "acme.com"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_forms_of_key_find_what_is_spelt_otherwise()
    {
        Write("Mail,Name,Size\nJane@ACME.com,\" Jane   DOE\",1\n");
        var lookup = TryLookup.Of("lookup.csv", $$"""
            { "file": "{{Table}}", "key": { "Mail": { "field": "person.email", "as": "Email" }, "Name": { "field": "company.name", "as": "Text" } }, "fields": { "company.size": "Size" } }
            """);

        var answers = await lookup.AskAsync([
            new() { ["person.email"] = "\"Doe, Jane\" <JANE@acme.com>", ["company.name"] = "jane doe " },
            new() { ["person.email"] = "jane@acme.com", ["company.name"] = "Jane" },
        ]);

        Assert.Equal(["""{"company.size":"1"}""", "NotFound: There is no row for the item."], answers.Select(TryLookup.Said));
    }

    private static Dictionary<string, string?> Asked(string domain) => new() { ["company.domain"] = domain };

    private static async Task<string> SaidAsync(TryLookup lookup, string? domain) => TryLookup.Said(await lookup.AskAsync(domain));

    private void Write(string table) => File.WriteAllText(Table, table);

    private TryLookup Lookup(string more = "") => TryLookup.Of("lookup.csv", $$"""
        {
          "file": "{{Table}}", "key": { "Company Domain": { "field": "company.domain", "as": "Domain" } },
          "fields": { "company.size": "Size", "company.industry": "Industry" },
          "freshness": { "column": "Asked", "days": 90 }, "nothing": { "column": "Nothing", "days": 30 },
          "provenance": { "outcome": "known.outcome", "source": "known.source", "name": "list", "observedAt": "known.at" }{{more}}
        }
        """);
}
