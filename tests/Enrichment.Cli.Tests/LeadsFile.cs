using System.Globalization;
using System.Text;

namespace Enrichment.Cli.Tests;

/// <summary>
/// Makes the quickstart's leads: an Apollo export as it comes, with everything that makes such lists hard to use. Invented throughout:
/// companies under the reserved domain .example (RFC 2606), telephone numbers from the ranges that regulators keep for fiction.
/// </summary>
internal static class LeadsFile
{
    private const int Rows = 1000;

    private static readonly string[] Headers =
    [
        "First Name",
        "Last Name",
        "Title",
        "Seniority",
        "Email",
        "Email Status",
        "LinkedIn Link",
        "Lead City",
        "Lead State",
        "Lead Country",
        "Company Name",
        "Industry",
        "Employee Count",
        "Company Website Full",
        "Company Website Short",
        "Company LinkedIn Link",
        "Company Phone Number",
        "Company City",
        "Company Country",
        "Company Annual Revenue",
        "Company Founded Year",
        "Keywords",
        "Imported From",
    ];

    private static readonly string[] First =
    [
        "Jane",
        "Bob",
        "María",
        "Søren",
        "Zoë",
        "François",
        "Anna-Lena",
        "Ming",
        "Priya",
        "Oluwaseun",
        "Sinéad",
        "Jürgen",
        "Łukasz",
        "Noor",
        "Élodie",
        "Tom",
        "Ingrid",
        "Kofi",
        "Yuki",
        "Aoife",
    ];

    private static readonly string[] Last =
    [
        "O'Toole",
        "Smith-Jones",
        "van der Berg",
        "McAllister",
        "García López",
        "Müller",
        "de la Cruz",
        "Nakamura",
        "Okonkwo",
        "Björk",
        "D'Angelo",
        "Sharma",
        "Kowalski",
        "Ó Briain",
        "Lindqvist",
        "Fitzgerald",
        "Dubois",
        "Haddad",
        "Petrov",
        "Larsen",
    ];

    private static readonly string[] Titles =
    [
        "VP of Sales",
        "Head of Growth",
        "CTO",
        "Chief Marketing Officer",
        "Account Executive",
        "Founder & CEO",
        "Senior Manager, Partnerships",
        "Director \"EMEA\"",
        "RevOps Lead",
        "Product Owner",
    ];

    private static readonly string[] Adjectives =
    [
        "Northwind",
        "Blue Harbor",
        "Granite",
        "Silverleaf",
        "Copper Hill",
        "Lumen",
        "Paperkite",
        "Riverstone",
        "Brightwater",
        "Oakmont",
        "Tidewater",
        "Fjordline",
    ];

    private static readonly string[] Nouns =
    [
        "Logistics",
        "Analytics",
        "Robotics",
        "Foods",
        "Software",
        "Energy",
        "Health",
        "Textiles",
        "Studios",
        "Capital",
        "Mobility",
        "Werkzeug",
    ];

    private static readonly string[] Legal = [", Inc.", " LLC", " GmbH", " Ltd.", " S.A.", " B.V.", "", "", " Corp", " AG"];

    private static readonly Place[] Places =
    [
        new("Austin", "Texas", "United States", "US", i => $"(512) 555-01{i % 100:00}"),
        new("New York", "New York", "USA", "US", i => $"+1 212-555-01{i % 100:00}"),
        new("London", "England", "United Kingdom", "GB", i => $"020 7946 0{i % 1000:000}"),
        new("Berlin", "Berlin", "Germany", "DE", i => $"+49 (0)30 23125 {i % 1000:000}"),
        new("Paris", "Île-de-France", "France", "FR", i => $"01 99 00 {i % 100:00} {(i * 7) % 100:00}"),
        new("Stockholm", "Stockholm County", "Sweden", "SE", i => $"08-465 004 {i % 100:00}"),
    ];

    /// <summary>The same text on every machine and at every time.</summary>
    public static string Create()
    {
        var random = new Random(20261122);
        var csv = new StringBuilder().Append(string.Join(',', Headers)).Append('\n');
        for (var row = 1; row <= Rows; row++)
        {
            csv.Append(string.Join(',', Row(row, random).Select(Quoted))).Append('\n');
        }

        return csv.ToString();
    }

    private static string[] Row(int row, Random random)
    {
        var place = Pick(Places, random);
        var (first, last) = (Pick(First, random), Pick(Last, random));
        var (adjective, noun) = (Pick(Adjectives, random), Pick(Nouns, random));
        var name = $"{adjective} {noun}";
        var domain = $"{Slug(adjective)}-{Slug(noun)}.example";
        var email = $"{Slug(first)}.{Slug(last)}@{domain}";
        string[] cells =
        [
            first,
            last,
            Pick(Titles, random),
            Pick(["C-Level", "VP", "Director", "Manager", ""], random),
            Email(row, email, first),
            Pick(["Verified", "Guessed", "Unavailable"], random),
            $"http://www.linkedin.com/in/{Slug(first)}-{Slug(last)}-{row}/",
            place.City,
            place.State,
            place.Country,
            name + Pick(Legal, random),
            Pick(["logistics & supply chain", "computer software", "Food Production", ""], random),
            Employees(row, random),
            Website(row, domain),
            row % 3 == 0 ? domain : "",
            $"https://linkedin.com/company/{Slug(adjective)}-{Slug(noun)}",
            row % 9 == 0 ? "" : place.Phone(row),
            place.City,
            row % 4 == 0 ? place.Code : place.Country,
            Pick(["", "10M-25M", "$1,200,000"], random),
            Founded(row, random),
            Pick(["saas, b2b", "", "logistics; freight\n3PL"], random),
            "apollo",
        ];
        return Soil(row, cells);
    }

    private static string Email(int row, string email, string first) => (row % 20) switch
    {
        3 => email.ToUpperInvariant(),
        7 => $"{first} <{email}>",
        11 => $"mailto:{email}",
        13 => $"{Slug(first)}{row}@gmail.com",
        17 => "",
        19 => "n/a",
        _ => email,
    };

    private static string Website(int row, string domain) => (row % 16) switch
    {
        1 => $"HTTP://WWW.{domain.ToUpperInvariant()}/",
        2 => $"https://www.{domain}/about-us?utm_source=apollo&utm_medium=x",
        3 => $"{domain}:8080",
        4 => $"www.{domain}",
        5 => "gmail.com",
        6 => $"https://www.linkedin.com/company/{row}",
        7 => "",
        8 => $"https://bücher-{domain}",
        9 => $"https://xn--bcher-{domain[..^8]}-kva.example",
        10 => "Jane Example",
        11 => $"https://shop.{domain}/de/",
        12 => $" {domain} ",
        _ => $"https://{domain}",
    };

    private static string Employees(int row, Random random) => (row % 12) switch
    {
        1 => "51-200",
        2 => "1,234",
        3 => "67.0",
        4 => "",
        5 => "null",
        _ => random.Next(2, 5000).ToString(CultureInfo.InvariantCulture),
    };

    private static string Founded(int row, Random random) => (row % 15) switch
    {
        1 => "Founded 1998",
        2 => "",
        _ => random.Next(1950, 2026).ToString(CultureInfo.InvariantCulture),
    };

    // One odd thing at a time, on rows that a reader can find again.
    private static string[] Soil(int row, string[] cells)
    {
        switch (row % 50)
        {
            case 1: (cells[0], cells[1]) = (cells[0].ToUpperInvariant(), cells[1].ToUpperInvariant()); break;
            case 4: cells[0] = $"Dr. {cells[0]}"; break;
            case 8: cells[1] += ", PhD"; break;
            case 12: (cells[0], cells[1]) = ($"{cells[0]} 🚀", cells[1].ToLowerInvariant()); break;
            case 16: (cells[0], cells[1]) = ("美咲", "中村"); break;
            case 20: (cells[0], cells[1]) = ("ليلى", "حداد"); break;
            case 24: cells[2] = "=HYPERLINK(\"http://example.com\",\"CEO\")"; break;
            case 28: cells[10] = cells[10].ToUpperInvariant(); break;
            case 32: cells[10] = $"  {cells[10]}  "; break;
            case 36: cells[1] = ""; break;
            case 40: (cells[4], cells[10]) = ("", row % 100 == 40 ? "" : cells[10]); break; // Neither address nor company: no lead.
            case 44: cells[2] = $"{cells[2]}\n(interim)"; break;
            case 48: cells[16] = "+1"; break;
        }

        return cells;
    }

    private static T Pick<T>(T[] choices, Random random) => choices[random.Next(choices.Length)];

    private static string Slug(string text) =>
        string.Concat(text.Normalize(NormalizationForm.FormD).ToLowerInvariant().Where(char.IsAsciiLetterOrDigit));

    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(",\"\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;

    private sealed record Place(string City, string State, string Country, string Code, Func<int, string> Phone);
}
