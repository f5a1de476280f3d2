using System.Globalization;
using System.Text;

namespace Enrichment.Benchmarks.Work;

/// <summary>A CSV of 12 columns such as Apollo exports, about 282 bytes a row. No two rows are alike, and two runs have the same.</summary>
internal static class Leads
{
    private const string Header =
        "First Name,Last Name,Title,Email,Person Linkedin Url,Company Name,Website,Company Linkedin Url,Industry,City,State,Country\n";

    /// <summary>A file that goes away when it is closed: held in memory, it would count as the engine's.</summary>
    public static FileStream Csv(int rows)
    {
        var csv = new FileStream(
            Path.GetTempFileName(),
            FileMode.Create,
            FileAccess.ReadWrite,
            FileShare.Read,
            bufferSize: 1 << 16,
            FileOptions.DeleteOnClose);
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

    private static void Write(FileStream csv, int rows)
    {
        using var writer = new StreamWriter(
            csv,
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            bufferSize: 1 << 16,
            leaveOpen: true);
        writer.Write(Header);
        for (var row = 1; row <= rows; row++)
        {
            writer.Write(Row(row));
        }
    }

    private static string Row(int n) => string.Create(CultureInfo.InvariantCulture,
        $"Jonathan,Featherstone{n % 977},Vice President of Engineering,jonathan.featherstone.{n}@example-company-{n % 5000}.com,http://www.linkedin.com/in/jonathan-featherstone-{n},\"Example Company {n % 5000}, Inc.\",https://www.example-company-{n % 5000}.com,http://www.linkedin.com/company/example-company-{n % 5000},information technology,San Francisco,California,United States\n");
}
