using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>What the dispatcher has chosen to claim. Disposed, it gives back what may be called and was not taken over.</summary>
/// <param name="candidate">The range.</param>
/// <param name="plan">Its stage.</param>
/// <param name="limit">How many items at most.</param>
/// <param name="allowance">What may be called; null if that is found out when it is known what has to be.</param>
internal sealed class Choice(Candidate candidate, StagePlan plan, int limit, CallAllowance? allowance) : IAsyncDisposable
{
    public Candidate Candidate => candidate;

    public StagePlan Plan => plan;

    public int Limit => limit;

    public CallAllowance? Allowance => allowance;

    /// <summary>What came of it, by which the dispatcher chooses the next.</summary>
    public ClaimResult Result { get; set; }

    public ValueTask DisposeAsync() => allowance?.DisposeAsync() ?? default;
}
