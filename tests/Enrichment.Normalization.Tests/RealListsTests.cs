using CsvHelper;
using Enrichment.TestKit;

namespace Enrichment.Normalization.Tests;

/// <summary>What becomes of the cells of lists as people really export them, cell by cell.</summary>
public sealed class RealListsTests
{
    [Fact]
    public void Phone_numbers() =>
        Verify(
            "phones.csv",
            row =>
                PhoneNumber.TryParse(
                    row("Phone"),
                    Country.TryParse(row("Country"), out var country) ? country.Alpha2 : null,
                    out var number)
                    ? number.ToString()
                    : null,
            "Phone");

    [Fact]
    public void Names_of_people() =>
        Verify(
            "names.csv",
            row => PersonName.TryParse(row("Full Name"), out var name) ? $"{name.First ?? "∅"} | {name.Last ?? "∅"} | {name.Full}" : null,
            "Full Name");

    [Fact]
    public void Names_of_companies() =>
        Verify("companies.csv", row => CompanyName.TryParse(row("Company Name"), out var name) ? name.Display : null, "Company Name");

    [Fact]
    public void Addresses_on_LinkedIn() =>
        Verify("linkedin-urls.csv", row => LinkedInUrl.TryParse(row("LinkedIn URL"), out var url) ? url.Value : null, "LinkedIn URL");

    [Fact]
    public void Addresses_of_mail() =>
        Verify("multi-email-cell.csv", row => EmailAddress.TryParse(row("Email"), out var address) ? address.Value : null, "Email");

    [Fact]
    public void Errors_of_spreadsheets_are_blank() =>
        Verify(
            "sheet-errors.csv",
            row =>
                string.Join(
                    " | ",
                    new[] { "First Name", "Last Name", "Email", "Company", "Website", "Country" }.Select(column =>
                        BlankText.ToNull(row(column)) ?? "∅")),
            "First Name");

    [Fact]
    public void Text_that_was_decoded_twice() =>
        Verify(
            "mojibake.csv",
            row =>
                (PersonName.TryParse(row("First Name"), row("Last Name"), null, out var name) ? name.Full : "∅")
                + " | "
                + (CompanyName.TryParse(row("Company"), out var company) ? company.Display : "∅"),
            "First Name");

    private static void Verify(
        string list,
        Func<Func<string, string?>, string?> canonical,
        string column,
        [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        using var file = File.OpenRead(Path.Combine(TestPaths.RepositoryRoot, "tests", "data", "ingestion", list));
        using var csv = CsvReader.Create(file, new() { Separator = ',', HasHeader = false });
        string[] Cells() => [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)];
        csv.Read();
        var headers = Cells().ToList();
        var lines = new List<string>();
        while (csv.Read())
        {
            var cells = Cells();
            string? Cell(string name) => cells.ElementAtOrDefault(headers.IndexOf(name));
            lines.Add($"{Cell(column)} → {canonical(Cell) ?? "∅"}");
        }

        Snapshot.Match(string.Join("\n", lines), method: test);
    }
}
