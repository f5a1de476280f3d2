using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using Enrichment.Cli.Commands;

namespace Enrichment.Cli;

/// <summary>The tool as a whole: its commands, and the one place where an exception becomes a line and an exit code.</summary>
internal static partial class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        using var interruption = new Interruption();
        var parsed = Root().Parse(args.Length == 0 ? ["--help"] : args);
        try
        {
            if (parsed.Action is ParseErrorAction)
            {
                throw new EnrichmentException($"{string.Join(' ', parsed.Errors.Select(error => Plain(error.Message)))} Try '{CommandPath(parsed)} --help'.");
            }

            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
        }
#pragma warning disable CA1031 // The one place where exceptions end.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return await ReportAsync(exception, asJson: args.Contains(CommonOptions.Json.Name));
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
        new RunCommand(),
        new UploadCommand(),
        new LaunchCommand(),
        new WorkCommand(),
        new TickCommand(),
        new StatusCommand(),
        new ItemsCommand(),
        new PauseCommand(),
        new ResumeCommand(),
        new PrioritizeCommand(),
        new RetryCommand(),
        new SkipCommand(),
        new SupplyCommand(),
        new CancelCommand(),
        new DeliveriesCommand(),
        new RefusalsCommand(),
        new ConsolidateCommand(),
        new ExportCommand(),
        new PruneCommand(),
        new DoctorCommand(),
        new VendorCommand(),
        new DatabaseCommand(),
    };

    private static async Task<int> ReportAsync(Exception exception, bool asJson)
    {
        var failure = Failure.Of(exception);
        await Console.Error.WriteLineAsync($"enrich: {failure.Message}");
        if (Environment.GetEnvironmentVariable("ENRICHMENT_DEBUG") == "1")
        {
            await Console.Error.WriteLineAsync(exception.ToString());
        }

        if (asJson)
        {
            await Console.Out.WriteLineAsync(Answer.Json(new { Error = failure.Message, failure.ExitCode }));
        }

        return failure.ExitCode;
    }

    private static string CommandPath(ParseResult parsed) => string.Join(' ', Ancestry(parsed.CommandResult.Command).Reverse());

    // Without the names of classes: "… as expected type 'System.Nullable`1[System.Int32]'." tells nobody anything.
    private static string Plain(string message) => ExpectedType().Replace(message, "");

    [GeneratedRegex(" as expected type '[^']*'")]
    private static partial Regex ExpectedType();

    private static IEnumerable<string> Ancestry(Command command)
    {
        for (Symbol? symbol = command; symbol is Command; symbol = symbol.Parents.FirstOrDefault())
        {
            yield return symbol.Name;
        }
    }
}
