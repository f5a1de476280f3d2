using System.Globalization;

namespace Enrichment.Benchmarks.Server;

/// <summary>CPU time out of Linux's /proc; see proc(5), fields 14 to 17 of stat.</summary>
internal static class ProcessTimes
{
    private const int TicksPerSecond = 100; // USER_HZ, the same on every architecture that Linux reports it on.

    /// <summary>The time of a process, of its children that have ended, and of its children that live.</summary>
    public static TimeSpan OfTree(int process)
    {
        string[]? stat;
        long children;
        do
        {
            stat = Stat(process);
            children = Directory.EnumerateDirectories("/proc")
                .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? Stat(id) : null)
                .OfType<string[]>()
                .Where(fields => fields[1] == process.ToString(CultureInfo.InvariantCulture))
                .Sum(fields => Ticks(fields, 14) + Ticks(fields, 15));
        }
        while (Ended(Stat(process)) != Ended(stat)); // A child that ends between the two readings would be in neither.

        return TimeSpan.FromSeconds((double)(Ticks(stat, 14) + Ticks(stat, 15) + Ended(stat) + children) / TicksPerSecond);
    }

    private static long Ended(string[]? stat) => Ticks(stat, 16) + Ticks(stat, 17);

    private static long Ticks(string[]? fields, int number) =>
        fields is null ? 0 : long.Parse(fields[number - 3], CultureInfo.InvariantCulture);

    /// <summary>The fields from the third on: the second, the name, may hold spaces. Null if the process has gone.</summary>
    private static string[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
