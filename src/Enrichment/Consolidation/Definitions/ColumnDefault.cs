using System.Text;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Json;

namespace Enrichment.Consolidation.Definitions;

/// <summary>The value of a column whose sources have none.</summary>
internal sealed class ColumnDefault
{
    private readonly ColumnType type;
    private readonly byte[] json;
    private readonly JsonSlice value;

    private ColumnDefault(ColumnType type, byte[] json, JsonSlice value)
    {
        this.type = type;
        this.json = json;
        this.value = value;
    }

    /// <summary>Null if the JSON is no value of the type.</summary>
    public static ColumnDefault? Of(ColumnType type, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var found = new JsonSlice[1];
        new JsonPointerSet([JsonPointer.Parse("")]).Find(bytes, 0, found);
        var made = new ColumnDefault(type, bytes, found[0]);
        var row = new EvaluatedRow(0);
        row.Begin(0, 0);
        return made.value.IsFound && made.In(row).HasValue ? made : null;
    }

    /// <summary>The cell, its bytes among those of the row.</summary>
    public TypedCell In(EvaluatedRow row)
    {
        json.CopyTo(row.Room(json.Length));
        Cast.To(type, value with { Start = row.Loaded(json.Length) }, row, out var cell);
        return cell;
    }
}
