using System.Buffers;
using System.Text;

namespace Enrichment.Execution;

/// <summary>Text of foreign origin, made fit to be stored and shown: whole characters, no controls, of bounded length.</summary>
internal static class ErrorText
{
    /// <summary>Enough for any sentence; an exception that quotes a response body is cut.</summary>
    public const int MaxLength = 1000;

    public static string? Of(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var clean = new StringBuilder(Math.Min(text.Length, MaxLength));
        for (var rest = text.AsSpan(); rest.Length > 0 && clean.Length < MaxLength;)
        {
            // Invalid halves of surrogate pairs come out as U+FFFD.
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != OperationStatus.Done)
            {
                rune = Rune.ReplacementChar;
            }

            clean.Append(Rune.IsControl(rune) ? " " : rune.ToString());
            rest = rest[consumed..];
        }

        return clean.ToString();
    }

    /// <summary>An exception in a sentence, even if it does its worst to prevent that.</summary>
    public static string Of(Exception exception)
    {
        try
        {
            return Of($"{exception.GetType()}: {exception.Message}")!;
        }
        catch (Exception worse) when (worse is not OutOfMemoryException)
        {
            return $"{exception.GetType()}, whose message cannot be read";
        }
    }
}
