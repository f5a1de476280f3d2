namespace Enrichment.Pipelines;

/// <summary>Text from outside as a message may quote it: short, on one line, without control characters.</summary>
internal static class Excerpt
{
    private const int MaxLength = 80;

    public static string Of(string text)
    {
        var cut = text.Length > MaxLength ? string.Concat(text.AsSpan(0, MaxLength), "…") : text;
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '\uFFFD' : source[i];
            }
        });
    }
}
