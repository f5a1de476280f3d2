using System.Globalization;
using System.Text.Json;

namespace Enrichment.Consolidation.Tests;

/// <summary>The reference, in C#. The stores are held to the same vectors in <see cref="ConsolidationClaims"/>.</summary>
public sealed class CastTests
{
    [Fact]
    public void The_reference_keeps_every_vector()
    {
        Assert.InRange(CastVector.All.Count, 800, 2000);
        Assert.Empty(CastVector.All.Select(vector => (vector, found: Reference(vector))).Where(pair => pair.found != Expected(pair.vector))
            .Select(pair => $"{pair.vector.Type} of {pair.vector.In}: {pair.found} instead of {Expected(pair.vector)}"));
    }

    [Fact]
    public void No_culture_changes_a_cast()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (var culture in new[] { "tr-TR", "de-DE", "ar-SA", "th-TH" })
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                Assert.All(CastVector.All, vector => Assert.Equal(Expected(vector), Reference(vector)));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    internal static string Expected(CastVector vector) => vector.Bad ? "bad" : vector.Out is null ? "none" : $"value {vector.Out}";

    private static string Reference(CastVector vector)
    {
        using var document = JsonDocument.Parse(vector.In);
        var value = document.RootElement;
        if (value.ValueKind == JsonValueKind.Null || CellText.IsBlank(value))
        {
            return "none";
        }

        return Cast.To(vector.Type, value) is { } cell ? $"value {CsvExport.Format(cell)}"
            : Cast.IsBad(vector.Type, value) ? "bad"
            : "none";
    }
}
