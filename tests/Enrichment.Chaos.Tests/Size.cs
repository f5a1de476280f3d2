using System.Globalization;

namespace Enrichment.Chaos.Tests;

/// <summary>How large the runs are; see README.md in this folder.</summary>
public static class Size
{
    /// <summary>
    /// Whether the machine does nothing else, so that what depends on its speed is asserted too: <c>./test.sh --soak</c>.
    /// </summary>
    public static bool IsSoak { get; } = Environment.GetEnvironmentVariable("ENRICHMENT_CHAOS_SOAK") == "1";

    /// <summary>How many times the faults are put in: 1, or what the environment says for a soak.</summary>
    public static int Factor { get; } = Of("FACTOR", 1);

    /// <summary>Companies that workers are killed over: a run of well under a minute, or as many as the environment says.</summary>
    public static int Items { get; } = Of("ITEMS", (IsSoak ? 20_000 : 12_000) * Factor);

    /// <summary>How many batches a change of a table has to read, and how often its host is killed over that at most.</summary>
    public static int ChangedBatches { get; } = Of("CHANGED_BATCHES", (IsSoak ? 4 : 3) * Factor);

    /// <summary>Items of the table whose definition changes again and again: seven chunks, or as many as the environment says.</summary>
    public static int ChangedRows { get; } = Of("CHANGED_ROWS", 6000);

    /// <summary>How often its hosts are killed over that.</summary>
    public static int ChangedKills { get; } = Of("CHANGED_KILLS", (IsSoak ? 6 : 4) * Factor);

    /// <summary>How many companies are launched anew whenever fewer are open while faults are due: a second's work.</summary>
    public const int FreshItems = 2000;

    /// <summary>How often workers are killed: enough for every day, more often where the machine does nothing else.</summary>
    public static int Kills => (IsSoak ? 20 : 6) * Factor;

    /// <summary>Leads that go to vendors who answer later: a run of well under a minute, or as many as the environment says.</summary>
    public static int Leads { get; } = Of("LEADS", 600 * Factor);

    /// <summary>How many seconds hosts share a vendor's limit: a few, or as many as the environment says.</summary>
    public static int LimitSeconds { get; } = Of("LIMIT_SECONDS", 12 * Factor);

    /// <summary>Companies that people work at, ten each: a run of well under a minute, or as many as the environment says.</summary>
    public static int Companies { get; } = Of("COMPANIES", 600 * Factor);

    /// <summary>So that most kills find some of the first batch under way.</summary>
    public static int LeadsAmongKills => 4 * Leads;

    /// <summary>How many leads are launched anew whenever fewer are open while faults are due: some seconds' work.</summary>
    public const int FreshLeads = 300;

    /// <summary>
    /// How many companies are launched anew, with those who work there, whenever fewer are to be asked for while faults are due: some
    /// seconds' work.
    /// </summary>
    public const int FreshCompanies = 100;

    // ENRICHMENT_CHAOS_NAME, or what is good for every day.
    private static int Of(string name, int otherwise) =>
        int.TryParse(
            Environment.GetEnvironmentVariable($"ENRICHMENT_CHAOS_{name}"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var size)
        && size > 0
            ? size
            : otherwise;
}
