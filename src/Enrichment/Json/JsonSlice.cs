using System.Text.Json;

namespace Enrichment.Json;

/// <summary>Where a JSON value is in a run of bytes; the default is no value.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Its bytes, quotes and brackets included.</param>
/// <param name="Type">Its first token.</param>
/// <param name="Escaped">Whether it is a string with an escape in it.</param>
internal readonly record struct JsonSlice(int Start, int Length, JsonTokenType Type, bool Escaped)
{
    public bool IsFound => Length > 0;
}
