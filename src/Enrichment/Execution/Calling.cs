using Enrichment.Outcomes;

namespace Enrichment.Execution;

/// <summary>The calls of claimed work while they are made, wave by wave.</summary>
/// <param name="work">The claimed work, whose step is active.</param>
/// <param name="outcomes">Where their outcomes go.</param>
/// <param name="stop">Fires when no more work may begin.</param>
internal sealed class Calling(ClaimedWork work, OutcomeQueue outcomes, CancellationToken stop) : IDisposable
{
    private readonly CancellationTokenSource failed = new();
    private readonly List<Task> waves = [];

    public ClaimedWork Work => work;

    /// <summary>Takes what the calls answer.</summary>
    public ClassifyOutcome Outcomes { get; } = new(work.Plan, work.Step!, outcomes);

    /// <summary>Fires when no more work may begin.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Says that no outcome can be written any more.</summary>
    public CancellationToken Failed => failed.Token;

    public bool HasCallsInFlight => !waves.TrueForAll(wave => wave.IsCompleted);

    public void Add(Task wave) => waves.Add(wave);

    /// <summary>Ends with the calls. Nothing comes to the outcomes afterwards.</summary>
    public async Task EndAsync()
    {
        try
        {
            await Task.WhenAll(waves).ConfigureAwait(false);
        }
        finally
        {
            outcomes.Complete();
        }
    }

    /// <summary>Nothing can be written any more, so that nothing more is called.</summary>
    public Task FailAsync() => failed.CancelAsync();

    public void Dispose() => failed.Dispose();
}
