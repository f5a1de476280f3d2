namespace Enrichment.Drift;

/// <summary>Profiles of the answers of ended batches, and the inbox of what changed between them.</summary>
internal interface IDriftStore
{
    /// <summary>Batches that have ended and whose answers are not profiled as of that end.</summary>
    Task<IReadOnlyList<Batch>> FindUnprofiledAsync(CancellationToken cancellationToken);

    /// <summary>The items of a batch of whose number the hash is below a bound, see <see cref="SampledItems"/>.</summary>
    Task<IReadOnlyList<(short Bucket, int Item)>> FindSampledAsync(int batch, long below, CancellationToken cancellationToken);

    /// <summary>The completed answers to which the states of some items at a stage refer, in any order.</summary>
    Task<IReadOnlyList<SampledAnswer>> ReadAnswersAsync(
        int batch,
        short stage,
        IReadOnlyList<(short Bucket, int Item)> items,
        CancellationToken cancellationToken);

    /// <summary>
    /// The profiles of a step's version in the client's batches that were launched before one: of the youngest 20 that have one.
    /// </summary>
    Task<IReadOnlyList<(int Batch, AnswerProfile Profile)>> ReadProfilesAsync(
        int batch,
        string step,
        string version,
        CancellationToken cancellationToken);

    /// <summary>A client's findings in the order in which they were made.</summary>
    Task<IReadOnlyList<StoredDrift>> ReadDriftAsync(string client, CancellationToken cancellationToken);

    /// <summary>How many versions of steps have answers in more than one profiled batch of a client, so that they were compared.</summary>
    Task<int> CountComparedAsync(string client, CancellationToken cancellationToken);

    /// <summary>
    /// Notes the profiles of a batch's answers and what was found in them, and that its end is profiled; all or nothing. Without effect if
    /// that is noted, or if the batch was opened again or pruned meanwhile.
    /// </summary>
    /// <param name="batch">The batch as it was read.</param>
    /// <param name="profiles">One for each version of a step that has answers.</param>
    /// <param name="cancellationToken">Ends the call; nothing is noted.</param>
    Task NoteProfilesAsync(Batch batch, IReadOnlyList<StepProfile> profiles, CancellationToken cancellationToken);

    /// <summary>
    /// Notes a decision about a finding. Returns false if the client has no such finding, or if the same change was found again since it
    /// was accepted.
    /// </summary>
    Task<bool> DecideDriftAsync(string client, int number, DriftStatus status, CancellationToken cancellationToken);
}
