using System.Text;
using Enrichment.Normalization;
using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>Counts the rows of an upload while they are read.</summary>
internal sealed class UploadTally(int maxListed)
{
    private readonly SortedDictionary<string, int> codes = new(StringComparer.Ordinal);
    private readonly List<StagedReject> listed = [];

    public int Accepted { get; private set; }

    public int Rejected { get; private set; }

    public int Rows => Accepted + Rejected;

    /// <summary>Rows with fewer cells than there are columns, or with blank cells beyond them.</summary>
    public int Ragged { get; set; }

    /// <summary>Accepted rows with text beside a quoted cell's quotes.</summary>
    public int IrregularQuotes { get; set; }

    /// <summary>Accepted rows with a text that was probably decoded twice.</summary>
    public int DoubleEncoded { get; set; }

    /// <summary>By column: accepted rows with an object or a list there.</summary>
    public SortedDictionary<int, int> Nested { get; } = [];

    public IReadOnlyDictionary<string, int> Codes => codes;

    public IReadOnlyList<StagedReject> Listed => listed;

    public void Accept() => Accepted++;

    /// <summary>
    /// Whether a row's UTF-8 holds text that was probably decoded twice. Such text begins with a character from Â to ô, whose first byte is
    /// C3; other rows become no string.
    /// </summary>
    public static bool IsDoubleEncoded(ReadOnlySpan<byte> row) =>
        row.Contains((byte)0xC3) && DoubleEncoding.IsSuspected(Encoding.UTF8.GetString(row));

    public void Reject(StagedReject row)
    {
        Rejected++;
        codes[row.Code] = codes.GetValueOrDefault(row.Code) + 1;
        if (listed.Count < maxListed)
        {
            listed.Add(row);
        }
    }
}
