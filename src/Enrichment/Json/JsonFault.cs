using System.Text.Json;

namespace Enrichment.Json;

/// <summary>What is wrong with a text that is not JSON.</summary>
internal static class JsonFault
{
    /// <summary>The message without the path and the place at its end: both are said in other words, or count from 0.</summary>
    public static string Sentence(JsonException exception)
    {
        var message = exception.Message.AsSpan();
        foreach (var end in (string[])[" Path: ", " LineNumber: "])
        {
            message = message.IndexOf(end, StringComparison.Ordinal) is var at and >= 0 ? message[..at] : message;
        }

        return message.ToString();
    }
}
