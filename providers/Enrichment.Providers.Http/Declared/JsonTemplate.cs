using System.Buffers;
using System.Text.Json;

namespace Enrichment.Providers.Http.Declared;

/// <summary>
/// JSON with placeholders in its texts. Values are written as JSON, so that nothing in a record can add to the structure.
/// </summary>
internal static class JsonTemplate
{
    /// <summary>All texts in it that may hold placeholders.</summary>
    public static IEnumerable<string> Texts(JsonElement template) => template.ValueKind switch
    {
        JsonValueKind.Object => template.EnumerateObject().SelectMany(property => Texts(property.Value)),
        JsonValueKind.Array => template.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [template.GetString()!],
        _ => [],
    };

    public static ReadOnlyMemory<byte> Render(JsonElement template, Placeholders values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, template, values);
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement template, Placeholders values)
    {
        switch (template.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in template.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, values);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in template.EnumerateArray())
                {
                    Write(writer, element, values);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                Write(writer, new Template(template.GetString()!), values);
                break;
            default:
                template.WriteTo(writer);
                break;
        }
    }

    private static void Write(Utf8JsonWriter writer, Template text, Placeholders values)
    {
        if (text.Single is not { } single)
        {
            writer.WriteStringValue(text.Render(values));
        }
        else if (values.Value(single.Name, single.Optional) is { } value)
        {
            value.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
