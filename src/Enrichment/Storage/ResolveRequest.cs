using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Enrichment.Storage;

/// <summary>What an operator decides about items at a stage, in the step's stead.</summary>
internal sealed record ResolveRequest
{
    /// <summary>The batch.</summary>
    public required int Batch { get; init; }

    /// <summary>The stage, from 1.</summary>
    public required short Stage { get; init; }

    /// <summary>The items.</summary>
    public required IReadOnlyList<int> Items { get; init; }

    /// <summary>The result, canonical JSON, with which the items complete. Empty: they are skipped.</summary>
    public ReadOnlyMemory<byte> Result { get; init; }

    /// <summary>Whether there is a next stage, for which the items are then pending.</summary>
    public required bool Advances { get; init; }

    /// <summary>Why, in the operator's words; kept on the states and in the event. Null: nothing was said.</summary>
    public string? Reason { get; init; }

    /// <summary>How the items end.</summary>
    public Status Status => Result.IsEmpty ? Status.Skipped : Status.Completed;

    /// <summary>The result as text; null if there is none.</summary>
    public string? ResultText => Result.IsEmpty ? null : Encoding.UTF8.GetString(Result.Span);

    /// <summary>The kind of the event.</summary>
    public string Kind => Result.IsEmpty ? "skipped" : "supplied";

    /// <summary>The event's detail, as JSON.</summary>
    public string Detail
    {
        get
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartObject();
                writer.WriteNumber("stage", Stage);
                writer.WriteNumber("chosen", Items.Count);
                if (Reason is not null)
                {
                    writer.WriteString("reason", Reason);
                }

                writer.WriteEndObject();
            }

            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
    }
}
