using System.Text;
using Dapper;
using Enrichment.Drift;

namespace Enrichment.PostgreSql;

/// <content>Profiles of answers, and what changed between them.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> FindUnprofiledAsync(CancellationToken cancellationToken) =>
        await LoadAllAsync(await QueryAsync<int>("find_unprofiled", null, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<(short Bucket, int Item)>> FindSampledAsync(
        int batch,
        long below,
        CancellationToken cancellationToken) =>
        await QueryAsync<(short Bucket, int Item)>("find_sampled", new { batch, below }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<SampledAnswer>> ReadAnswersAsync(
        int batch,
        short stage,
        IReadOnlyList<(short Bucket, int Item)> items,
        CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(int Item, long? Source, string Data)>(
                "read_answers",
                new { batch, stage, buckets = Column(items, item => item.Bucket), items = Column(items, item => item.Item) },
                cancellationToken)
            .ConfigureAwait(false);
        return rows.ConvertAll(row => new SampledAnswer(row.Item, row.Source, Encoding.UTF8.GetBytes(row.Data)));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<(int Batch, AnswerProfile Profile)>> ReadProfilesAsync(
        int batch,
        string step,
        string version,
        CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(int Batch, int Answers, string Counts, string? Samples)>(
            "read_profiles", new { batch, step, version }, cancellationToken).ConfigureAwait(false);
        return rows.ConvertAll(row => (row.Batch, AnswerProfile.FromJson(row.Answers, row.Counts, row.Samples)));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoredDrift>> ReadDriftAsync(string client, CancellationToken cancellationToken) =>
        (await QueryAsync<DriftRow>("read_drift", new { client }, cancellationToken).ConfigureAwait(false))
            .ConvertAll(row => row.ToDrift());

    /// <inheritdoc />
    public async Task<int> CountComparedAsync(string client, CancellationToken cancellationToken) =>
        (await QueryAsync<int>("count_compared", new { client }, cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc />
    public Task NoteProfilesAsync(Batch batch, IReadOnlyList<StepProfile> profiles, CancellationToken cancellationToken) => WriteAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            Task<int> RunAsync(string operation, object parameters) =>
                connection.ExecuteAsync(Command(operation, parameters, cancellationToken, transaction));

            if (await RunAsync("mark_profiled", new { batch = batch.Key, batch.Version }).ConfigureAwait(false) == 0)
            {
                return 0;
            }

            foreach (var (step, stepVersion, profile, found, withdrawn) in profiles)
            {
                if (profile is not null)
                {
                    await RunAsync("write_profile", new
                    {
                        batch = batch.Key,
                        step,
                        stepVersion,
                        profile.Answers,
                        counts = profile.CountsToJson(),
                        samples = profile.SamplesToJson(),
                    }).ConfigureAwait(false);
                }

                foreach (var number in withdrawn)
                {
                    await RunAsync("withdraw_drift", new { number, batch = batch.Key }).ConfigureAwait(false);
                }

                foreach (var drift in found)
                {
                    await RunAsync("write_drift", new
                    {
                        batch = batch.Key,
                        step,
                        stepVersion,
                        kind = (short)drift.Kind,
                        drift.Path,
                        drift.Detail,
                        evidence = drift.Evidence.ToJson(),
                        drift.Sample,
                    }).ConfigureAwait(false);
                }
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return profiles.Count;
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<bool> DecideDriftAsync(string client, int number, DriftStatus status, CancellationToken cancellationToken) =>
        await ExecuteAsync("decide_drift", new { client, number, status = (short)status }, cancellationToken).ConfigureAwait(false) > 0;

    private sealed record DriftRow(
        int Number,
        string Step,
        string Version,
        short Kind,
        string Path,
        string Detail,
        string Evidence,
        string? Sample,
        short Status,
        int FirstBatch,
        Guid FirstId,
        int LastBatch,
        Guid LastId)
    {
        public StoredDrift ToDrift() => new(
            Number,
            Step,
            Version,
            new((DriftKind)Kind, Path, Detail, DriftEvidence.FromJson(Evidence), Sample),
            (DriftStatus)Status,
            (FirstBatch, FirstId),
            (LastBatch, LastId));
    }
}
