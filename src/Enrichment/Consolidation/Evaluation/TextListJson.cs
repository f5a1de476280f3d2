using System.Text;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>A list of texts in one text: a JSON array in the gate's notation, the same in every store and export.</summary>
internal static class TextListJson
{
    public static string Write(IReadOnlyList<string> list)
    {
        var sink = new Utf8Sink(capacity: 256); // One a cell: the usual room would be most of what a row costs.
        sink.Append((byte)'[');
        for (var i = 0; i < list.Count; i++)
        {
            if (i > 0)
            {
                sink.Append((byte)',');
            }

            // What is in a column has passed the gate: it holds nothing that this could refuse.
            sink.AppendJsonString(list[i].AsSpan());
        }

        sink.Append((byte)']');
        return Encoding.UTF8.GetString(sink.Written);
    }
}
