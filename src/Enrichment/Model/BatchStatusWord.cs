using System.Text.Json;

namespace Enrichment;

/// <summary>A status as JSON, the command line and views say it, so that every message agrees with them.</summary>
internal static class BatchStatusWord
{
    public static string Word(this BatchStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}
