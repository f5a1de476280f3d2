using System.Globalization;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>
/// What a journey has to work on: a first batch, and a further one of fresh rows whenever little is open while faults are
/// due. So no machine is so slow or so fast that the work ends before the faults are in.
/// </summary>
/// <param name="pipeline">The pipeline of every batch.</param>
/// <param name="file">
/// A batch's file, by the batch's number, from 1, and how many items it has. No two batches may name the same company or person.
/// </param>
/// <param name="fresh">How many items a further batch has. It is due as soon as fewer are open.</param>
/// <param name="open">How many items faults can still find, in SQL.</param>
public sealed class Supply(string pipeline, Func<int, int, string> file, int fresh, string open = Supply.Unfinished)
{
    /// <summary>Items that have not come to their end.</summary>
    public const string Unfinished = "select coalesce(sum(pending + in_progress + to_advance), 0) from ranges";

    private readonly List<int> launched = [];

    /// <summary>How many batches there are.</summary>
    public int Batches => launched.Count;

    /// <summary>The items of the first batch, by which the faults are spread.</summary>
    public int First => launched[0];

    /// <summary>The items of all batches.</summary>
    public int Items => launched.Sum();

    /// <summary>The files of all batches, in order.</summary>
    public IEnumerable<string> Files => launched.Select((items, index) => file(index + 1, items));

    /// <summary>Whether a further batch is due.</summary>
    public async Task<bool> RunsLowAsync(ChaosStore store) => await store.NumberAsync(open) < fresh;

    /// <summary>
    /// Launches the first batch, or a further one. Its number is its launch key, so that a launch whose store broke off can be tried again.
    /// </summary>
    public async Task LaunchAsync(EnrichmentEngine engine, int? first = null)
    {
        var (number, items) = (Batches + 1, first ?? fresh);
        var client = engine.Client("acme");
        await client.LaunchAsync(file(number, items), pipeline, new() { Key = number.ToString(CultureInfo.InvariantCulture) });
        launched.Add(items);
    }

    /// <summary>Holds all that is open, or lets it go on: what is out goes on in any case.</summary>
    public static async Task HoldAsync(ChaosStore store, EnrichmentEngine engine, bool held)
    {
        foreach (var batch in await store.QueryAsync("select batch from batches where status in (0, 1, 2)"))
        {
            await engine.Store.SetPausedAsync(Convert.ToInt32(batch[0], CultureInfo.InvariantCulture), held, default);
        }
    }
}
