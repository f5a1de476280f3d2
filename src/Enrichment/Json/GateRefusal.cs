namespace Enrichment.Json;

/// <summary>Why the gate refused a text or a JSON value.</summary>
/// <param name="Code">A stable word to group by: <c>nul_character</c>, <c>lone_surrogate</c>, <c>invalid_utf8</c>, <c>invalid_json</c>,
/// <c>duplicate_property</c>, <c>number_out_of_range</c>, <c>too_deep</c>, <c>too_large</c>, <c>not_serialisable</c>.</param>
/// <param name="Reason">One sentence for an operator; never quotes the refused data beyond a property's name.</param>
internal sealed record GateRefusal(string Code, string Reason)
{
    public static readonly GateRefusal NulCharacter = new(
        "nul_character",
        "The text holds a NUL character (U+0000), which a database text cannot store.");
    public static readonly GateRefusal LoneSurrogate = new(
        "lone_surrogate",
        "The text holds half of a surrogate pair, which is not a character.");
    public static readonly GateRefusal InvalidUtf8 = new("invalid_utf8", "The bytes are not valid UTF-8.");
}
