using System.Text.Json;
using Enrichment.Json;

namespace Enrichment.Entities;

/// <summary>The row of an entity request: the fields that the step reads, in their order.</summary>
internal static class EntityRow
{
    /// <summary>Null if it is too large to be stored as one row.</summary>
    public static ReadOnlyMemory<byte>? Of(IReadOnlyList<string> fields, EnrichmentRecord record)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var field in fields)
            {
                if (record.Value(field) is { } value)
                {
                    value.WriteTo(writer);
                }
                else
                {
                    writer.WriteNullValue();
                }
            }

            writer.WriteEndArray();
        }

        // Every value came through the gate, but an escape may be written in another form.
        // Of the type that may be null: a null array would become an empty row.
        return JsonGate.Default.TryAccept(buffer.WrittenSpan, out var canonical, out _) ? (ReadOnlyMemory<byte>?)canonical : null;
    }
}
