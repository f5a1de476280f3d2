using System.Globalization;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Reading;
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

    [Theory]
    [InlineData("dd/MM/yyyy", "date", "01/02/2023", "value 2023-02-01")]
    [InlineData("dd/MM/yyyy", "date", " 1/2/2023 10:15 ", "value 2023-02-01")]
    [InlineData("dd/MM/yyyy", "date", "2023-02-01", "bad")]
    [InlineData("dd/MM/yyyy", "date", "30/02/2023", "bad")]
    [InlineData("dd/MM/yyyy", "date", "01/13/2023", "bad")]
    [InlineData("dd/MM/yyyy", "date", "01/02/23", "bad")]
    [InlineData("dd/MM/yyyy", "date", "00/02/2023", "bad")]
    [InlineData("dd/MM/yyyy", "date", "01/02/0000", "bad")]
    [InlineData("dd/MM/yyyy", "date", "001/02/2023", "bad")]
    [InlineData("dd/MM/yyyy", "date", "01/02/2023x", "bad")]
    [InlineData("dd/MM/yyyy", "date", "n/a", "none")]
    [InlineData("dd/MM/yyyy", "date", " ", "none")]
    [InlineData("dd/MM/yyyy", "partial_date", "01/02/2023", "value 2023-02-01")]
    [InlineData("dd/MM/yyyy", "timestamp", "01/02/2023 10:15:30+02:00", "value 2023-02-01T08:15:30Z")]
    [InlineData("dd/MM/yyyy", "timestamp", "01/02/2023", "bad")]
    [InlineData("MM/dd/yyyy", "date", "2/1/2023", "value 2023-02-01")]
    [InlineData("dd.MM.yyyy", "date", "1.2.2023", "value 2023-02-01")]
    [InlineData("dd-MM-yyyy", "date", "01-02-2023", "value 2023-02-01")]
    [InlineData("MM-dd-yyyy", "date", "01-02-2023", "value 2023-01-02")]
    [InlineData("yyyyMMdd", "date", "20230201", "value 2023-02-01")]
    [InlineData("yyyyMMdd", "date", "2023021", "bad")]
    [InlineData("dd MMM yyyy", "date", "1 Feb 2023", "value 2023-02-01")]
    [InlineData("dd MMM yyyy", "date", "01 february 2023", "value 2023-02-01")]
    [InlineData("dd MMM yyyy", "date", "01 fevrier 2023", "bad")]
    [InlineData("MMM dd, yyyy", "date", "Feb 1, 2023", "value 2023-02-01")]
    [InlineData("MM/yyyy", "partial_date", "2/2023", "value 2023-02")]
    [InlineData("MM/yyyy", "partial_date", "02/01/2023", "bad")]
    [InlineData("epoch_seconds", "date", "1675209600", "value 2023-02-01")]
    [InlineData("epoch_seconds", "timestamp", "1675209600.1234567", "value 2023-02-01T00:00:00.123456Z")]
    [InlineData("epoch_seconds", "timestamp", "-1", "value 1969-12-31T23:59:59Z")]
    [InlineData("epoch_seconds", "timestamp", "1675209600000", "bad")]
    [InlineData("epoch_milliseconds", "timestamp", "1675209600123", "value 2023-02-01T00:00:00.123Z")]
    [InlineData("epoch_milliseconds", "partial_date", "1675209600123", "value 2023-02-01")]
    [InlineData("epoch_milliseconds", "date", "99999999999999999999999", "bad")]
    [InlineData("epoch_seconds", "date", "2023-02-01", "bad")]
    [InlineData("decimal_comma", "number", "1.234,56", "value 1234.56")]
    [InlineData("decimal_comma", "number", "1 234 567,5", "value 1234567.5")]
    [InlineData("decimal_comma", "number", "1\u00a0234,5", "value 1234.5")]
    [InlineData("decimal_comma", "number", "-0,50", "value -0.5")]
    [InlineData("decimal_comma", "number", "1.234", "value 1234")]
    [InlineData("decimal_comma", "number", "1.23", "bad")]
    [InlineData("decimal_comma", "number", "1.234 567,5", "bad")]
    [InlineData("decimal_comma", "number", "é", "bad")]
    [InlineData("decimal_comma", "integer", "1.234,00", "value 1234")]
    [InlineData("decimal_comma", "integer", "1,5", "bad")]
    [InlineData("units", "integer", "10M", "value 10000000")]
    [InlineData("units", "integer", "1.2k", "value 1200")]
    [InlineData("units", "number", "1,234.5 mn", "value 1234500000")]
    [InlineData("units", "number", "-2 BN", "value -2000000000")]
    [InlineData("units", "number", "7", "value 7")]
    [InlineData("units", "integer", "1.2345k", "bad")]
    [InlineData("units", "integer", "9000000t", "value 9000000000000000000")]
    [InlineData("units", "integer", "99999999t", "bad")]
    [InlineData("units", "number", "9999999999999999999999999999t", "bad")]
    [InlineData("units", "integer", "51-200", "bad")]
    [InlineData("units", "integer", "10 kg", "bad")]
    [InlineData("units", "integer", "M", "bad")]
    [InlineData("units", "integer", "$5", "bad")]
    [InlineData("dollars", "number", "$1,200,000.50", "value 1200000.5")]
    [InlineData("dollars", "integer", "US$ 3M", "value 3000000")]
    [InlineData("dollars", "integer", "USD 12", "value 12")]
    [InlineData("dollars", "integer", "7k", "value 7000")]
    [InlineData("dollars", "integer", "$", "bad")]
    [InlineData("dollars", "integer", "€5M", "bad")]
    [InlineData("dollars", "integer", "$10M-$25M", "bad")]
    public void A_format_reads_its_own_notation_and_no_other(string format, string type, string text, string expected)
    {
        Assert.True(ColumnTypeWords.TryParse(type, out var known));
        Assert.Equal(expected, Reference(new(known, JsonSerializer.Serialize(text), null, Bad: false), ValueFormat.Find(format)));
    }

    [Theory]
    [InlineData("decimal_comma", "number", "1.234", "value 1.234")]
    [InlineData("units", "number", "1234", "value 1234")]
    [InlineData("epoch_seconds", "date", "1675209600", "value 2023-02-01")]
    [InlineData("dd/MM/yyyy", "date", "{}", "bad")]
    [InlineData("decimal_comma", "number", "[1]", "bad")]
    [InlineData("decimal_comma", "number", "true", "bad")]
    public void A_number_of_JSON_is_a_plain_number_in_any_format(string format, string type, string json, string expected)
    {
        Assert.True(ColumnTypeWords.TryParse(type, out var known));
        Assert.Equal(expected, Reference(new(known, json, null, Bad: false), ValueFormat.Find(format)));
    }

    internal static string Expected(CastVector vector) => vector.Bad ? "bad" : vector.Out is null ? "none" : $"value {vector.Out}";

    private static string Reference(CastVector vector, ValueFormat? format = null)
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

        TypedCell cell;
        var outcome = format is null
            ? Cast.To(vector.Type, found[0], row, out cell)
            : format.Cast(vector.Type, found[0], row, out cell);
        return outcome switch
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
        ColumnType.PartialDate => CellValue.Of(row, cell, type)!.ToString()!,
        ColumnType.Timestamp => new DateTimeOffset(cell.Whole, TimeSpan.Zero),
        _ => row.Texts(cell),
    };
}
