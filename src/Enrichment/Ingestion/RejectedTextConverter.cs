using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Enrichment.Ingestion;

/// <summary>The beginning of a rejected row's text: short enough for a report.</summary>
internal sealed class RejectedTextConverter : JsonConverter<ReadOnlyMemory<byte>>
{
    private const int Longest = 200;

    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Encoding.UTF8.GetBytes(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Excerpt(value.Span));

    // A NUL is shown as its picture, since no database text can hold it.
    private static string Excerpt(ReadOnlySpan<byte> raw)
    {
        var text = Encoding.UTF8.GetString(raw).Replace('\0', '\u2400');
        if (text.Length <= Longest)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest;
        return text[..end] + "…";
    }
}
