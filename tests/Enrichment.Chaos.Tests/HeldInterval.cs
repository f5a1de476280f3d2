using System.Globalization;

namespace Enrichment.Chaos.Tests;

/// <summary>A lease, and how many of its interval's rows are done and open: the moment at which a kill hurts.</summary>
public sealed record HeldInterval(string Owner, string Key, long Done, long Open)
{
    public bool IsMidRun => Done > 0 && Open > 0;

    /// <summary>The leases of a process, or of any.</summary>
    /// <param name="store">The store.</param>
    /// <param name="process">The holder's process id; null for any.</param>
    /// <param name="live">Only those whose time is not over.</param>
    public static async Task<IReadOnlyList<HeldInterval>> ReadAsync(ChaosStore store, int? process = null, bool live = true)
    {
        var rows = await store.QueryAsync(
            $"""
            select l.owner, l.bucket, l.batch, l.stage, l.lo, l.token,
                   sum(case when s.status >= 3 then 1 else 0 end) as done,
                   sum(case when s.status = 0 then 1 else 0 end) as open
              from leases l
              join workflow_states s on s.bucket = l.bucket and s.batch = l.batch and s.stage = l.stage and s.item between l.lo and l.hi
             where l.owner is not null
               {(process is null ? "" : $"and l.owner like '%/{process}/%'")}
               {(live ? $"and l.until > {store.Now}" : "")}
             group by l.owner, l.bucket, l.batch, l.stage, l.lo, l.token
            """);
        return [.. rows.Select(row => new HeldInterval((string)row[0]!, string.Join('/', row[1..6]), Number(row[6]), Number(row[7])))];
    }

    private static long Number(object? cell) => Convert.ToInt64(cell, CultureInfo.InvariantCulture);
}
