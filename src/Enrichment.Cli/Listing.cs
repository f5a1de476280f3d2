using System.CommandLine;
using Enrichment.Cli.Files;

namespace Enrichment.Cli;

/// <summary>
/// The one way in which entries are listed: a table for people, one JSON object for programs. Written as they come, as a list may be longer
/// than memory.
/// </summary>
/// <param name="parsed">The command line: <c>--json</c> and <c>--limit</c>.</param>
/// <param name="name">The name of the list in JSON.</param>
/// <param name="columns">The table's headers. One that begins with &gt; is of numbers, which are aligned right.</param>
internal sealed class Listing(ParseResult parsed, string name, params string[] columns)
{
    // So many lines decide how wide the columns are.
    private const int Measured = 100;
    private const int WidestColumn = 60;
    private const int ShownWords = 5;
    private const string Gap = "  ";
    private readonly TextWriter output = parsed.InvocationConfiguration.Output;
    private readonly bool asJson = parsed.GetValue(CommonOptions.Json);
    private readonly List<string[]> waiting = [];
    private int[]? widths;
    private int listed;
    private int more;

    /// <summary>The properties beside the list in JSON, such as the batch; null for none.</summary>
    public object? About { get; init; }

    /// <summary>How many entries are listed; the others are counted.</summary>
    public int Limit { get; init; } = LimitOption.Read(parsed);

    /// <summary>Said to people if there is no entry.</summary>
    public required string Nothing { get; init; }

    /// <summary>The first few of many words, for a cell: JSON has them all.</summary>
    public static string First(IReadOnlyCollection<string> words) =>
        string.Join(", ", words.Take(ShownWords)) + (words.Count > ShownWords ? $" and {words.Count - ShownWords:n0} more" : "");

    public async Task AddAsync(object entry, params string?[] cells)
    {
        if (listed == Limit)
        {
            more++;
            return;
        }

        if (asJson)
        {
            await output.WriteAsync($"{(listed == 0 ? Beginning() : ",")}{Answer.Json(entry)}");
        }
        else
        {
            await AddLineAsync([.. cells.Select(cell => Visible.Line(cell ?? ""))]);
        }

        listed++;
    }

    /// <summary>Counts entries that were not read among those that are left out.</summary>
    public void LeaveOut(int entries) => more += entries;

    /// <param name="exitCode">Of the command.</param>
    public async Task<Answer> EndAsync(int exitCode = ExitCode.Ok)
    {
        if (asJson)
        {
            await output.WriteLineAsync($"{(listed == 0 ? Beginning() : "")}],\"more\":{more}}}");
        }
        else
        {
            await FlushAsync();
            await output.WriteAsync(
                listed == 0 && more == 0 ? $"{Visible.Line(Nothing)}\n"
                : more > 0 ? $"… and {more:n0} more; --limit says how many are listed.\n"
                : "");
        }

        return Answer.Written with { ExitCode = exitCode };
    }

    private string Beginning()
    {
        var about = About is null ? "{}" : Answer.Json(About);
        return $"{about[..^1]}{(about.Length > 2 ? "," : "")}\"{name}\":[";
    }

    private async Task AddLineAsync(string[] cells)
    {
        waiting.Add(cells);
        if (widths is not null || waiting.Count == Measured)
        {
            await FlushAsync();
        }
    }

    private async Task FlushAsync()
    {
        if (waiting.Count == 0)
        {
            return;
        }

        if (widths is null)
        {
            string[] headers = [.. columns.Select(column => column.TrimStart('>').ToUpperInvariant())];
            widths =
            [
                .. Enumerable
                    .Range(0, columns.Length)
                    .Select(column => Math.Min(WidestColumn, waiting.Append(headers).Max(line => line[column].Length))),
            ];
            await WriteAsync(headers, widths);
        }

        foreach (var line in waiting)
        {
            await WriteAsync(line, widths);
        }

        waiting.Clear();
    }

    private Task WriteAsync(string[] cells, int[] width) =>
        output.WriteLineAsync(
            string.Join(
                    Gap,
                    cells.Select((cell, column) => columns[column][0] == '>' ? cell.PadLeft(width[column]) : cell.PadRight(width[column])))
                .TrimEnd());
}
