using System.Text.Encodings.Web;
using System.Text.Json;

namespace Enrichment.Cli;

/// <summary>What a command has to say at its end: once for people, once for programs.</summary>
/// <param name="Data">Becomes the one JSON object of <c>--json</c>; names in snake_case.</param>
/// <param name="Text">Lines for people.</param>
/// <param name="ExitCode">The process's exit code.</param>
internal sealed record Answer(object Data, string Text, int ExitCode = ExitCode.Ok)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Of a command that has written what it has to say already, bit by bit.</summary>
    public static Answer Written { get; } = new("", "");

    public static string Json(object data) => JsonSerializer.Serialize(data, Options);
}
