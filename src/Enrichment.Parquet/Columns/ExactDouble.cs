using System.Globalization;

namespace Enrichment.Parquet.Columns;

/// <summary>Numbers as doubles from which the same digits are read back.</summary>
internal static class ExactDouble
{
    // As many digits as any double keeps, and as many as a power of ten of it is exact.
    private const long Mantissas = 1_000_000_000_000_000;

    private static readonly double[] Powers =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <exception cref="EnrichmentException">A double does not hold all of its digits.</exception>
    public static double Of(decimal number, string column)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number, parts);
        var scale = (parts[3] >> 16) & 0xFF;
        var mantissa = ((ulong)(uint)parts[1] << 32) | (uint)parts[0];
        if (parts[2] == 0 && mantissa < Mantissas && scale < Powers.Length)
        {
            return Math.CopySign(mantissa / Powers[scale], parts[3]);
        }

        var text = number.ToString(CultureInfo.InvariantCulture);
        var nearest = double.Parse(text, CultureInfo.InvariantCulture);
        return decimal.TryParse(nearest.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out var read)
            && read == number
            ? nearest
            : throw new EnrichmentException(
                $"Column '{column}' has the number {text}, of which a DOUBLE of Parquet does not hold all digits. Write numbers as texts, or leave the column out.");
    }
}
