using System.CommandLine;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>One question to the engine, as a command: it prints a table and, where asked, writes an object to a file.</summary>
internal abstract class Scenario : Command
{
    private readonly Option<string?> json = new("--json") { Description = "Write the figures to this file, as one object." };

    protected Scenario(string name, string description)
        : base(name, description)
    {
        Options.Add(json);
        SetAction((parsed, _) => RunAsync(parsed, parsed.GetValue(json)));
    }

    protected abstract Task RunAsync(ParseResult parsed, string? json);
}
