using System.Globalization;
using System.Text;
using Enrichment.Json;

namespace Enrichment.Consolidation.Tests;

/// <summary>The casts themselves. The stores are held to the same vectors in <see cref="ConsolidationClaims"/>.</summary>
public sealed class CastTests
{
    [Fact]
    public void Every_vector_is_kept()
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
        var row = new EvaluatedRow(0);
        row.Begin(0, 1);
        var json = Encoding.UTF8.GetBytes(vector.In);
        json.CopyTo(row.Room(json.Length));
        var found = new JsonSlice[1];
        new JsonPointerSet([JsonPointer.Parse("")]).Find(json, row.Loaded(json.Length), found);
        if (!found[0].IsFound)
        {
            return "none";
        }

        return Cast.To(vector.Type, found[0], row, out var cell) switch
        {
            CastOutcome.Value => $"value {CsvExport.Format(Read(vector.Type, cell, row))}",
            CastOutcome.Bad => "bad",
            _ => "none",
        };
    }

    private static object Read(ColumnType type, TypedCell cell, EvaluatedRow row) => type switch
    {
        ColumnType.Text or ColumnType.Json => Encoding.UTF8.GetString(row.Bytes(cell)),
        ColumnType.Integer => cell.Whole,
        ColumnType.Number => cell.Number,
        ColumnType.Boolean => cell.Whole == 1,
        ColumnType.Date => DateOnly.FromDayNumber((int)cell.Whole),
        ColumnType.Timestamp => new DateTimeOffset(cell.Whole, TimeSpan.Zero),
        _ => row.Texts(cell),
    };
}
