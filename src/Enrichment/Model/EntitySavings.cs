namespace Enrichment;

/// <summary>What shared and stored answers have saved a batch at one stage.</summary>
/// <param name="Stage">The stage, from 1.</param>
/// <param name="Items">Items that were completed by an answer for their entity.</param>
/// <param name="CallsSaved">
/// How many calls that spared: all of them, but one for each request that was answered since the batch was launched.
/// </param>
/// <param name="CostSaved">
/// What those calls would have cost, in the vendor's credits, as far as the requests' attempts say; null if they say nothing.
/// </param>
public sealed record EntitySavings(short Stage, int Items, int CallsSaved, decimal? CostSaved);
