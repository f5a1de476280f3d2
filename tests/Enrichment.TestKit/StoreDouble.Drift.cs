using Enrichment.Drift;
using Enrichment.Storage;

namespace Enrichment.TestKit;

/// <content>IDriftStore, and what previews read.</content>
internal abstract partial class StoreDouble
{
    public virtual Task<IReadOnlyList<Batch>> FindUnprofiledAsync(CancellationToken cancellationToken) =>
        Real().FindUnprofiledAsync(cancellationToken);

    public virtual Task<IReadOnlyList<(short Bucket, int Item)>> FindSampledAsync(
        int batch, long below, CancellationToken cancellationToken) =>
        Real().FindSampledAsync(batch, below, cancellationToken);

    public virtual Task<IReadOnlyList<SampledAnswer>> ReadAnswersAsync(
        int batch, short stage, IReadOnlyList<(short Bucket, int Item)> items, CancellationToken cancellationToken) =>
        Real().ReadAnswersAsync(batch, stage, items, cancellationToken);

    public virtual Task<IReadOnlyList<(int Batch, AnswerProfile Profile)>> ReadProfilesAsync(
        int batch, string step, string version, CancellationToken cancellationToken) =>
        Real().ReadProfilesAsync(batch, step, version, cancellationToken);

    public virtual Task<IReadOnlyList<StoredDrift>> ReadDriftAsync(string client, CancellationToken cancellationToken) =>
        Real().ReadDriftAsync(client, cancellationToken);

    public virtual Task<int> CountComparedAsync(string client, CancellationToken cancellationToken) =>
        Real().CountComparedAsync(client, cancellationToken);

    public virtual Task NoteProfilesAsync(Batch batch, IReadOnlyList<StepProfile> profiles, CancellationToken cancellationToken) =>
        Real().NoteProfilesAsync(batch, profiles, cancellationToken);

    public virtual Task<bool> DecideDriftAsync(string client, int number, DriftStatus status, CancellationToken cancellationToken) =>
        Real().DecideDriftAsync(client, number, status, cancellationToken);

    // IEntityRequestStore
    public virtual Task<int> CountAnsweredAsync(AnsweredEntities request, CancellationToken cancellationToken) =>
        Real().CountAnsweredAsync(request, cancellationToken);
}
