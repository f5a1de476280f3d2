namespace Enrichment;

/// <summary>Text from outside as a message may quote it: short, on one line, without control characters.</summary>
internal static class Excerpt
{
    private const int MaxLength = 80;

    public static string Of(string text) =>
        text.Length > MaxLength ? ForeignText.Of(text, MaxLength, "\uFFFD") + "…" : ForeignText.Of(text, MaxLength, "\uFFFD");
}
