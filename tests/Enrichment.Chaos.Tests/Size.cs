using System.Globalization;

namespace Enrichment.Chaos.Tests;

/// <summary>How large the runs are; see README.md in this folder.</summary>
public static class Size
{
    /// <summary>How many times the faults are put in: 1, or what the environment says for a soak.</summary>
    public static int Factor { get; } = int.TryParse(Environment.GetEnvironmentVariable("ENRICHMENT_CHAOS_FACTOR"), NumberStyles.None, CultureInfo.InvariantCulture, out var factor) && factor > 0 ? factor : 1;

    public static int Items => 20_000 * Factor;

    public static int Kills => 20 * Factor;

    /// <summary>Leads that go to vendors who answer later: a run of well under a minute, or as many as the environment says.</summary>
    public static int Leads { get; } = int.TryParse(Environment.GetEnvironmentVariable("ENRICHMENT_CHAOS_LEADS"), NumberStyles.None, CultureInfo.InvariantCulture, out var leads) && leads > 0 ? leads : 600 * Factor;

    /// <summary>How many seconds hosts share a vendor's limit: a few, or as many as the environment says.</summary>
    public static int LimitSeconds { get; } = int.TryParse(Environment.GetEnvironmentVariable("ENRICHMENT_CHAOS_LIMIT_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : 12 * Factor;

    /// <summary>Companies that people work at, ten each: a run of well under a minute, or as many as the environment says.</summary>
    public static int Companies { get; } = int.TryParse(Environment.GetEnvironmentVariable("ENRICHMENT_CHAOS_COMPANIES"), NumberStyles.None, CultureInfo.InvariantCulture, out var companies) && companies > 0 ? companies : 600 * Factor;

    /// <summary>Enough for every kill to find some under way.</summary>
    public static int LeadsAmongKills => 4 * Leads;
}
