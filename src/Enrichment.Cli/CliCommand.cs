using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>A command of the tool: it ends with an <see cref="Answer"/>, which is printed here for people or for programs.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction(async (parsed, cancellationToken) =>
        {
            var answer = await RunAsync(parsed, cancellationToken);
            await answer.WriteAsync(parsed);
            return answer.ExitCode;
        });
    }

    /// <summary>Whole command lines, shown below the help.</summary>
    public IReadOnlyList<string> Examples { get; }

    protected abstract Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken);
}
