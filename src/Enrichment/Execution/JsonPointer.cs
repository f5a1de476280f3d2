using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Enrichment.Execution;

/// <summary>A JSON pointer (RFC 6901), prepared for finding its value in UTF-8 without reading the whole text.</summary>
internal sealed class JsonPointer
{
    private readonly (byte[] Name, int Index)[] steps;

    private JsonPointer(IEnumerable<string> steps) => this.steps = [.. steps.Select(step => (Encoding.UTF8.GetBytes(step), IndexOf(step)))];

    /// <summary>Where a produced field stands: at its path, else in the property of its full name.</summary>
    public static JsonPointer Of(ProducedField produced) => produced.Path is { } path
        ? new(path.Split('/').Skip(1).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        : new([produced.Field]);

    /// <summary>Puts the reader on the value's first token. Of equal names in an object the first counts; results have no equal names.</summary>
    public bool TryFind(ReadOnlySpan<byte> json, out Utf8JsonReader reader)
    {
        reader = new(json, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        foreach (var (name, index) in steps)
        {
            var found = reader.TokenType switch
            {
                JsonTokenType.StartObject => EnterProperty(ref reader, name),
                JsonTokenType.StartArray => EnterElement(ref reader, index),
                _ => false,
            };
            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    private static bool EnterProperty(ref Utf8JsonReader reader, byte[] name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                return reader.Read();
            }

            reader.Skip();
        }

        return false;
    }

    private static bool EnterElement(ref Utf8JsonReader reader, int index)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (index-- == 0)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <summary>RFC 6901 allows no leading zeros; -1 is no element.</summary>
    private static int IndexOf(string step) =>
        (step == "0" || (step.Length > 0 && step[0] != '0')) && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
}
