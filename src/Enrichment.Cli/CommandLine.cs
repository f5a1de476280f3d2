using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using Enrichment.Cli.Commands;
using Enrichment.Cli.Files;

namespace Enrichment.Cli;

/// <summary>The tool as a whole: its commands, and the one place where an exception becomes a line and an exit code.</summary>
internal static partial class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        // The tool speaks English: dates and numbers are written alike wherever it runs.
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        using var interruption = new Interruption();
        Console.SetOut(StandardStreams.OpenWriter());
        Console.SetError(StandardStreams.OpenMessages());
        ParseResult? parsed = null;
        try
        {
            parsed = Root().Parse(args.Length == 0 ? ["--help"] : args);
            if (parsed.Action is ParseErrorAction)
            {
                throw new EnrichmentException($"{string.Join(' ', Problems(parsed))} Try '{CommandPath(parsed)} --help'.");
            }

            return await parsed.InvokeAsync(
                new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                interruption.Token);
        }
#pragma warning disable CA1031 // The one place where exceptions end.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return await ReportAsync(exception, parsed, asJson: args.Contains(CommonOptions.Json.Name));
        }
    }

    // Not a RootCommand, which would call itself after the assembly in its help.
    private static Command Root() => new("enrich", "From a CSV to a clean table: durable, auditable, multi-step data enrichment.")
    {
        CommonOptions.Store,
        CommonOptions.Client,
        CommonOptions.Json,
        ExamplesHelp.Option(),
        new VersionOption(),
        new InitCommand(),
        new RunCommand(),
        new UploadCommand(),
        new LaunchCommand(),
        new WorkCommand(),
        new TickCommand(),
        new StatusCommand(),
        new ItemsCommand(),
        new TimelineCommand(),
        new EventsCommand(),
        new IssuesCommand(),
        new LeadsCommand(),
        new PauseCommand(),
        new ResumeCommand(),
        new PrioritizeCommand(),
        new RetryCommand(),
        new SkipCommand(),
        new SupplyCommand(),
        new CancelCommand(),
        new DeliveriesCommand(),
        new RefusalsCommand(),
        new AccountsCommand(),
        new ConsolidateCommand(),
        new ExportCommand(),
        new ExportsCommand(),
        new PruneCommand(),
        new StepsCommand(),
        new FieldsCommand(),
        new WorkstreamsCommand(),
        new PipelinesCommand(),
        new UploadsCommand(),
        new MappingsCommand(),
        new ClientsCommand(),
        new DoctorCommand(),
        new VendorCommand(),
        new ProjectionCommand(),
        new DatabaseCommand(),
    };

    private static async Task<int> ReportAsync(Exception exception, ParseResult? parsed, bool asJson)
    {
        var failure = Failure.Of(exception);
        if (failure.Line is not { } line)
        {
            return failure.ExitCode;
        }

        line = parsed is null ? line : Hints.In(line, parsed);
        await Console.Error.WriteLineAsync($"enrich: {line}");
        if (Environment.GetEnvironmentVariable("ENRICHMENT_DEBUG") == "1")
        {
            await Console.Error.WriteLineAsync(exception.ToString());
        }

        if (asJson)
        {
            await AnswerAsync(Answer.Json(new { Error = line, failure.ExitCode }));
        }

        return failure.ExitCode;
    }

    private static async Task AnswerAsync(string json)
    {
        try
        {
            await Console.Out.WriteLineAsync(json);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Standard output itself may have failed: then only the exit code tells.
        }
    }

    private static string CommandPath(ParseResult parsed) =>
        string.Join(' ', Ancestors(parsed.CommandResult.Command).Select(command => command.Name).Reverse());

    // An unknown word explains the other problems: it is mostly a misspelling of what is missing.
    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var options = Ancestors(command)
            .SelectMany(ancestor => ancestor.Options.Where(option => ancestor == command || option.Recursive))
            .Select(option => option.Name);
        var commands = command.Subcommands.Select(known => known.Name).ToList();
        return parsed.UnmatchedTokens.Count == 0 ? parsed.Errors.Select(error => Plain(error.Message))
            : parsed.UnmatchedTokens[0] is var word && parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
                ?
                [
                    $"'{Excerpt.Of(word)}' comes after '--', where no word is a command or an option. Put commands and options before it, or leave '--' out.",
                ]
            : word.StartsWith('-') ? [$"There is no option '{word}'.{OptionHint(word, [.. options])}"]
            : commands.Count > 0 ? [$"There is no command '{word}'.{Nearest.Hint(word, commands)}"]
            : [$"'{word}' is one word too many."];
    }

    // '--stage' means '--from-stage', even if another option is nearer by letters.
    private static string OptionHint(string word, IReadOnlyList<string> options) =>
        options.FirstOrDefault(option => word.Length > 2 && option.EndsWith(word[1..], StringComparison.OrdinalIgnoreCase)) is { } longer
            ? $" Did you mean '{longer}'?"
            : Nearest.Hint(word, options);

    // Without the names of classes: "… as expected type 'System.Nullable`1[System.Int32]'." helps nobody.
    private static string Plain(string message) => ExpectedType().Replace(message, "");

    [GeneratedRegex(" as expected type '[^']*'")]
    private static partial Regex ExpectedType();

    private static IEnumerable<Command> Ancestors(Command command)
    {
        for (Symbol? symbol = command; symbol is Command ancestor; symbol = symbol.Parents.FirstOrDefault())
        {
            yield return ancestor;
        }
    }
}
