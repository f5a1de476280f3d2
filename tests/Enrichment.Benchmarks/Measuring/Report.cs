using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Enrichment.Benchmarks.Measuring;

/// <summary>What a scenario found: a table on the screen, an object in a file.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly JsonObject json;

    public Report(string scenario, string settings)
    {
        var machine =
            $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {CpuName()}";
        json = new()
        {
            ["scenario"] = scenario,
            ["at"] = TimeProvider.System.GetUtcNow().ToString("u", CultureInfo.InvariantCulture),
            ["machine"] = machine,
            ["settings"] = settings,
        };
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{scenario}[/]\n{machine}\n{settings}");
    }

    public JsonNode? this[string name]
    {
        set => json[name] = value;
    }

    /// <summary>Puts figures at the top of the object.</summary>
    public void Add(Figures figures)
    {
        foreach (var (name, value) in figures.ToJson().ToList())
        {
            json[name] = value?.DeepClone();
        }
    }

    /// <summary>Shows runs beside their median; puts the median at the top of the object and the runs below it.</summary>
    public void Add(string title, IReadOnlyList<Figures> runs)
    {
        var median = Figures.Median(runs);
        Show(title, [("median", median), .. runs.Select((figures, i) => ($"run {i + 1}", figures))]);
        Add(median);
        json["runs"] = new JsonArray([.. runs.Select(figures => figures.ToJson())]);
    }

    /// <summary>Shows figures side by side: a row a figure, a column a run or a size.</summary>
    public static void Show(string title, IReadOnlyList<(string Column, Figures Figures)> columns)
    {
        var table = new Table().Title(title).AddColumn("");
        foreach (var (column, _) in columns)
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var name in columns.SelectMany(column => column.Figures.Select(pair => pair.Key)).Distinct())
        {
            table.AddRow([
                name,
                .. columns.Select(column =>
                    column.Figures.Find(pair => pair.Key == name) is { Key: not null } pair ? Text(pair.Value) : ""),
            ]);
        }

        AnsiConsole.Write(table);
    }

    public void Write(string? file)
    {
        if (file is not null)
        {
            File.WriteAllText(file, json.ToJsonString(Indented) + "\n");
        }
    }

    private static string Text(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 0.1 => value.ToString("0.0000", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("#,0", CultureInfo.InvariantCulture),
    };

    private static string CpuName() =>
        File.Exists("/proc/cpuinfo")
        && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':') + 2)..]
            : "unknown processor";
}
