using System.Globalization;
using System.Text;

namespace Enrichment.Benchmarks.Work;

/// <summary>A CSV of 12 columns such as Apollo exports, about 282 bytes a row. No two rows are alike, and two runs have the same.</summary>
internal static class Leads
{
    private const string Header = "First Name,Last Name,Title,Email,Person Linkedin Url,Company Name,Website,Company Linkedin Url,Industry,City,State,Country\n";

    public static Stream Csv(int rows)
    {
        var csv = new MemoryStream(Header.Length + (rows * 290));
        Write(csv, rows);
        csv.Position = 0;
        return csv;
    }

    /// <summary>The same list as a temporary file, which the caller deletes.</summary>
    public static string File(int rows)
    {
        var path = Path.GetTempFileName();
        using var file = new FileStream(path, FileMode.Create);
        Write(file, rows);
        return path;
    }

    private static void Write(Stream csv, int rows)
    {
        csv.Write(Encoding.UTF8.GetBytes(Header));
        for (var row = 1; row <= rows; row++)
        {
            csv.Write(Encoding.UTF8.GetBytes(Row(row)));
        }
    }

    private static string Row(int n) => string.Create(CultureInfo.InvariantCulture,
        $"Jonathan,Featherstone{n % 977},Vice President of Engineering,jonathan.featherstone.{n}@example-company-{n % 5000}.com,http://www.linkedin.com/in/jonathan-featherstone-{n},\"Example Company {n % 5000}, Inc.\",https://www.example-company-{n % 5000}.com,http://www.linkedin.com/company/example-company-{n % 5000},information technology,San Francisco,California,United States\n");
}
