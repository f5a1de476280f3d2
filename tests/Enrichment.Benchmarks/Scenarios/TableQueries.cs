using System.Diagnostics;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Consolidation;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>Asks a table what a page of leads asks: pages, counts, facets, availability, a search.</summary>
internal static class TableQueries
{
    private const int Rows = 50;
    private const int Pages = 40;
    private const int Scans = 10;
    private const double Percentile = 0.95;

    // Half of the rows.
    private const string Filter = """{"field": "headcount", "ge": 500}""";

    private static readonly string[] Facets = ["seniority", "department", "person_country", "size", "industry", "email_status"];

    public static async Task<Figures> MeasureAsync(ProjectionQuery query, int rows)
    {
        var figures = new Figures();
        await WalkAsync("page_of_file", query, Pages);
        await WalkAsync("page_indexed", query.OrderBy("headcount", descending: true), Pages);
        await WalkAsync("page_indexed_filtered", query.Where(Filter).OrderBy("headcount"), Pages);
        await WalkAsync("page_sorted", query.OrderBy("full_name"), Scans);
        await WalkAsync("page_sorted_filtered", query.Where(Filter).OrderBy("full_name", descending: true), Scans);
        await WalkAsync("page_searched", query.Search("featherstone 77"), Scans);
        await TimeAsync("availability", Pages, async () => Check((await query.ReadAvailabilityAsync())["email"] == rows));
        await TimeAsync("count", Pages, async () => Check((await query.CountAsync(cap: null)).Rows == rows));
        await TimeAsync("count_capped_filtered", Scans, async () => Check((await query.Where(Filter).CountAsync()).IsMore == (rows > 20_000)));
        await TimeAsync("count_filtered", Scans, async () => Check((await query.Where(Filter).CountAsync(cap: null)).Rows > 0));
        await TimeAsync("availability_filtered", Scans, async () => Check((await query.Where(Filter).ReadAvailabilityAsync())["email"] > 0));
        await TimeAsync("six_facets", Scans, async () => Check((await query.ReadFacetsAsync(Facets)).Count == Facets.Length));
        await TimeAsync("six_facets_filtered", Scans, async () => Check((await query.Where(Filter).ReadFacetsAsync(Facets)).Count == Facets.Length));
        return figures;

        // Page after page from the first.
        async Task WalkAsync(string name, ProjectionQuery asked, int pages)
        {
            string? cursor = null;
            await TimeAsync(name, pages, async () =>
            {
                var page = await asked.ReadPageAsync(Rows, cursor);
                cursor = page.Next;
                Check(page.Rows.Count > 0);
            });
        }

        async Task TimeAsync(string name, int times, Func<Task> ask)
        {
            await ask(); // Once unmeasured: pages in memory.
            var taken = new List<double>();
            for (var time = 0; time < times; time++)
            {
                var started = Stopwatch.GetTimestamp();
                await ask();
                taken.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            taken.Sort();
            figures[$"{name}_p50_ms"] = taken[taken.Count / 2];
            figures[$"{name}_p95_ms"] = taken[(int)Math.Ceiling(Percentile * taken.Count) - 1];
        }
    }

    private static void Check(bool isRight)
    {
        if (!isRight)
        {
            throw new InvalidOperationException("The run is void: an answer is wrong.");
        }
    }
}
