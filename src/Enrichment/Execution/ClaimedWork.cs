using System.Collections.Concurrent;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>
/// The items of a claim while a host works on them: the state that the phases of <see cref="ClaimPipeline"/> share.
/// </summary>
/// <param name="claim">The lease and the items.</param>
/// <param name="request">The request.</param>
/// <param name="plan">The stage.</param>
/// <param name="allowance">
/// The calls that may be made, given back at the end; null if they are taken later, when it is known how many are needed.
/// </param>
/// <param name="held">The lease, which the heartbeat renews.</param>
internal sealed class ClaimedWork(Claim claim, ClaimRequest request, StagePlan plan, CallAllowance? allowance, HeldLease held)
    : IAsyncDisposable
{
    private readonly TaskCompletionSource onlyAnswersAreMissing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool isDetached;

    public Lease Lease => claim.Lease;

    public IReadOnlyList<ClaimedItem> Items => claim.Items;

    public ClaimRequest Request => request;

    public StagePlan Plan => plan;

    /// <summary>Whether its calls leave the process.</summary>
    public bool IsOutside { get; } = plan.Stage.Manifest is { External: true } or { Effects: not Effects.Pure };

    /// <summary>Whether its calls may be answered later.</summary>
    public bool IsAnsweredLater { get; } = plan.Stage.Manifest.MayBeAnsweredLater;

    /// <summary>Fires when another host has taken the lease over.</summary>
    public CancellationToken Lost => held.Lost;

    /// <summary>
    /// Fires when the lease is lost, so that the calls are useless. Sent calls need no lease: they continue, and their outcomes are
    /// written.
    /// </summary>
    public CancellationToken CallsLost => IsAnsweredLater ? CancellationToken.None : held.Lost;

    /// <summary>How many bytes its records take.</summary>
    public long Bytes { get; } = claim.Items.Sum(item => item.Raw.Length + item.Results.Sum(result => (long)result.Result.Length));

    /// <summary>What may be called.</summary>
    public CallAllowance? Allowance { get; set; } = allowance;

    /// <summary>The step, once it is active.</summary>
    public ReadyStep? Step { get; set; }

    /// <summary>The tokens of attempts that a delivery may answer, by item. One wave is called while the next is written.</summary>
    public ConcurrentDictionary<int, string> Tokens { get; } = new();

    /// <summary>Whether any item went on to a next stage.</summary>
    public bool Advanced { get; set; }

    /// <summary>How many outcomes were written.</summary>
    public int Outcomes { get; set; }

    /// <summary>Whether items were left that only a host with the step can work on.</summary>
    public bool NeedsStep { get; set; }

    /// <summary>Whether it goes on without its claim loop, because its calls only wait for their answers.</summary>
    public bool IsDetached
    {
        get => isDetached;
        set => isDetached = value;
    }

    /// <summary>Ends when nothing but answers is missing.</summary>
    public Task OnlyAnswersAreMissing => onlyAnswersAreMissing.Task;

    public void SayOnlyAnswersAreMissing() => onlyAnswersAreMissing.TrySetResult();

    /// <summary>Gives back what it did not call.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Allowance is not null)
            {
                await Allowance.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            held.Dispose();
        }
    }
}
