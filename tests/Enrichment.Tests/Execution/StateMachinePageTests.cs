using System.Globalization;
using System.Text;
using Enrichment.TestKit;

namespace Enrichment.Tests.Execution;

/// <summary>Holds docs/reference/state-machine.md to the table in the code.</summary>
public sealed class StateMachinePageTests
{
    private const string Begin = "<!-- from StateMachine.All: begin -->\n";
    private const string End = "<!-- from StateMachine.All: end -->";
    private static readonly string Page = Path.Combine(TestPaths.RepositoryRoot, "docs", "reference", "state-machine.md");

    [Fact]
    public void The_page_shows_every_transition_of_the_code_and_no_other()
    {
        var page = File.ReadAllText(Page).ReplaceLineEndings("\n");
        var begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = page.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"{Page} has lost the marks between which the table stands.");

        var table = Diagram() + "\n" + Table();
        if (Environment.GetEnvironmentVariable(Snapshot.AcceptVariable) == "1")
        {
            File.WriteAllText(Page, page[..begin] + table + page[end..]);
            return;
        }

        Assert.True(
            page[begin..end] == table,
            $"{Page} does not show StateMachine.All. Run this test with {Snapshot.AcceptVariable}=1 and read the diff.");
    }

    [Fact]
    public void The_page_explains_every_event_and_every_status()
    {
        var page = File.ReadAllText(Page);
        var words = Enum.GetNames<StateEvent>().Concat(Enum.GetValues<Status>().Select(Word));

        Assert.All(words, word => Assert.Contains($"| `{word}` |", page, StringComparison.Ordinal));
    }

    private static string Diagram()
    {
        var lines = StateMachine
            .All.GroupBy(move => (move.From, move.To))
            .Select(moves =>
                $"    {(moves.Key.From is { } from ? Word(from) : "[*]")} --> {Word(moves.Key.To)}: {string.Join(", ", moves.Select(move => move.On))}\n");
        return $"```mermaid\nstateDiagram-v2\n{string.Concat(lines)}```\n";
    }

    private static string Table()
    {
        var table = new StringBuilder("| from | event | to |\n|---|---|---|\n");
        foreach (var (from, on, to) in StateMachine.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {(from is { } status ? Word(status) : "–")} | {on} | {Word(to)} |\n");
        }

        return table.ToString();
    }

    // As SQL, logs and people write it: IN_PROGRESS.
    private static string Word(Status status) => status == Status.InProgress ? "IN_PROGRESS" : status.ToString().ToUpperInvariant();
}
