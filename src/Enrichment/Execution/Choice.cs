using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>The dispatcher's choice of the next claim. When disposed, it gives back calls that were not taken over.</summary>
/// <param name="candidate">The range.</param>
/// <param name="plan">Its stage.</param>
/// <param name="limit">How many items at most.</param>
/// <param name="allowance">The calls that may be made; null if they are taken later, when it is known how many are needed.</param>
internal sealed class Choice(Candidate candidate, StagePlan plan, int limit, CallAllowance? allowance) : IAsyncDisposable
{
    public Candidate Candidate => candidate;

    public StagePlan Plan => plan;

    public int Limit => limit;

    public CallAllowance? Allowance => allowance;

    /// <summary>The result, which decides the dispatcher's next choice.</summary>
    public ClaimResult Result { get; set; }

    public ValueTask DisposeAsync() => allowance?.DisposeAsync() ?? default;
}
