namespace Enrichment.Tests.Ingestion.Fields;

/// <summary>A column of an export.</summary>
/// <param name="Header">As the product writes it.</param>
/// <param name="Expected">The field that it must feed; <c>none</c>: no field; <c>any</c>: nothing is said.</param>
/// <param name="Values">Two values; empty where the test makes fitting ones up.</param>
internal sealed record ExportColumn(string Header, string Expected, string[] Values)
{
    /// <summary>Whether it counts for the share of columns that are understood.</summary>
    public bool IsKey => Expected is not ("none" or "any");

    public static ExportColumn Parse(string line)
    {
        var parts = line.Split(" | ");
        return parts is [var header, var expected, .. var values]
            ? new(header, expected, values is [var both] ? both.Split("; ") : [])
            : throw new FormatException($"'{line}' is no column: header | field | value; value");
    }

    public string Value(int row) =>
        Values.Length > 0
            ? Values[row]
            : Expected switch
            {
                "person.first_name" => Of(row, "Ines", "Pia"),
                "person.last_name" => Of(row, "Varga", "Noor"),
                "person.full_name" => Of(row, "Ines Varga", "Pia Noor"),
                "person.title" => Of(row, "Designer", "Managing Director"),
                "person.headline" => Of(row, "I design things", "Founder at Noor"),
                "person.email" => Of(row, "ines@kobalt.test", "pia@noor.test"),
                "person.phone" => Of(row, "+36 20 123 4567", "+358 40 123456"),
                "person.linkedin_url" => Of(
                    row,
                    "https://www.linkedin.com/in/ines-varga-example",
                    "https://www.linkedin.com/in/pia-noor-example"
                ),
                "company.linkedin_url" => Of(
                    row,
                    "https://www.linkedin.com/company/kobalt-example",
                    "https://www.linkedin.com/company/noor-example"
                ),
                "company.name" => Of(row, "Kobalt Kft.", "Noor Oy"),
                "company.domain" => Of(row, "kobalt.test", "noor.test"),
                "company.website" => Of(row, "https://kobalt.test", "https://www.noor.test/"),
                "company.email" => Of(row, "info@kobalt.test", "info@noor.test"),
                "company.phone" => Of(row, "+36 1 234 5600", "+358 9 123400"),
                "company.employee_count" => Of(row, "12", "250"),
                "company.size_bucket" => Of(row, "11-50", "201-500"),
                "company.annual_revenue" or "company.total_funding" or "company.latest_funding_amount" => Of(row, "1000000", "25000000"),
                "company.last_funding_date" => Of(row, "2024-05-01", "2023-11-15"),
                "company.founded_year" => Of(row, "2015", "1999"),
                "person.city" or "company.city" => Of(row, "Budapest", "Helsinki"),
                "person.state" or "company.state" => Of(row, "Pest", "Uusimaa"),
                "person.country" or "company.country" => Of(row, "Hungary", "Finland"),
                "person.postal_code" or "company.postal_code" => Of(row, "1011", "00100"),
                "person.street" or "company.street" => Of(row, "Fő utca 1", "Katu 2"),
                "person.address" or "company.address" => Of(row, "Fő utca 1, 1011 Budapest", "Katu 2, 00100 Helsinki"),
                "person.location" or "company.location" => Of(row, "Budapest, Hungary", "Helsinki, Finland"),
                "company.industry" => Of(row, "Design", "Software"),
                _ => "",
            };

    private static string Of(int row, string first, string second) => row == 0 ? first : second;
}
