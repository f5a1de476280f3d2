using System.Text;

namespace Enrichment.Normalization;

/// <summary>Scripts in which the family name comes first and words are not set apart.</summary>
internal static class EastAsianScript
{
    /// <summary>Whether the text begins with a Chinese character, kana or Hangul.</summary>
    public static bool IsIn(string text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done
        && rune.Value
            is (>= 0x3040 and <= 0x30FF)
                or (>= 0x3400 and <= 0x4DBF)
                or (>= 0x4E00 and <= 0x9FFF)
                or (>= 0xAC00 and <= 0xD7AF)
                or (>= 0xF900 and <= 0xFAFF)
                or (>= 0x20000 and <= 0x3134F);
}
