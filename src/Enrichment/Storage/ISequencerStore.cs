namespace Enrichment.Storage;

/// <summary>The sequencer: items that ended a stage go on to the next.</summary>
internal interface ISequencerStore
{
    /// <summary>Ranges with terminal states that the sequencer has not advanced yet.</summary>
    Task<IReadOnlyList<RangeKey>> FindToAdvanceAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Advances the terminal states of a range that were not advanced. Idempotent, safe on many hosts.</summary>
    /// <param name="range">Where.</param>
    /// <param name="last">True if no stage follows.</param>
    /// <param name="optional">True if a failure lets the item pass.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<int> AdvanceAsync(RangeKey range, bool last, bool optional, CancellationToken cancellationToken);
}
