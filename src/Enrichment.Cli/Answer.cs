using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Enrichment.Cli.Files;

namespace Enrichment.Cli;

/// <summary>The result of a command: once for people, once for programs.</summary>
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
    public static Answer Written { get; } = new(new(), "");

    /// <summary>True if standard output has the command's file: the answer then goes to standard error.</summary>
    public bool Aside { get; init; }

    public static string Json(object data) => JsonSerializer.Serialize(data, Options);

    public Task WriteAsync(ParseResult parsed) =>
        ReferenceEquals(Data, Written.Data) ? Task.CompletedTask
        : Aside ? parsed.InvocationConfiguration.Error.WriteLineAsync(Shown(parsed))
        : parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(CommonOptions.Json) ? Json(Data) : Shown(parsed));

    private string Shown(ParseResult parsed) => Visible.Text(Hints.In(Text, parsed));
}
