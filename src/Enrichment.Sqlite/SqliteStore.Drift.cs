using System.Text;
using Enrichment.Drift;

namespace Enrichment.Sqlite;

/// <content>Profiles of answers, and what changed between them.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> FindUnprofiledAsync(CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query("find_unprofiled", row => row.GetInt32(0)).ConvertAll(batch => LoadBatch(session, batch)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<(short Bucket, int Item)>> FindSampledAsync(
        int batch,
        long below,
        CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query("find_sampled", row => (row.GetInt16(0), row.GetInt32(1)), ("@batch", batch), ("@below", below)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<SampledAnswer>> ReadAnswersAsync(
        int batch,
        short stage,
        IReadOnlyList<(short Bucket, int Item)> items,
        CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query(
            "read_answers",
            row => new SampledAnswer(row.GetInt32(0), row.IsDBNull(1) ? null : row.GetInt64(1), Encoding.UTF8.GetBytes(row.GetString(2))),
            ("@batch", batch),
            ("@stage", stage),
            ("@items", JsonRows.Of(items, (cells, item) =>
            {
                cells.WriteNumberValue(item.Bucket);
                cells.WriteNumberValue(item.Item);
            }))),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<(int Batch, AnswerProfile Profile)>> ReadProfilesAsync(
        int batch,
        string step,
        string version,
        CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query(
            "read_profiles",
            row => (row.GetInt32(0),
                AnswerProfile.FromJson(row.GetInt32(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3))),
            ("@batch", batch),
            ("@step", step),
            ("@version", version)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoredDrift>> ReadDriftAsync(string client, CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query(
            "read_drift",
            row => new StoredDrift(
                row.GetInt32(0),
                row.GetString(1),
                row.GetString(2),
                new(
                    (DriftKind)row.GetInt32(3),
                    row.GetString(4),
                    row.GetString(5),
                    DriftEvidence.FromJson(row.GetString(6)),
                    row.IsDBNull(7) ? null : row.GetString(7)),
                (DriftStatus)row.GetInt32(8),
                (row.GetInt32(9), row.GetGuid(10)),
                (row.GetInt32(11), row.GetGuid(12))),
            ("@client", client)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<int> CountComparedAsync(string client, CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query("count_compared", row => row.GetInt32(0), ("@client", client))[0],
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task NoteProfilesAsync(Batch batch, IReadOnlyList<StepProfile> profiles, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            if (session.Execute("mark_profiled", ("@batch", batch.Key), ("@version", batch.Version)) > 0)
            {
                foreach (var profile in profiles)
                {
                    Note(session, batch, profile);
                }
            }

            return profiles.Count;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<bool> DecideDriftAsync(string client, int number, DriftStatus status, CancellationToken cancellationToken) => WriteAsync(
        session => session.Execute("decide_drift", ("@client", client), ("@number", number), ("@status", (int)status)) > 0,
        cancellationToken);

    private static void Note(SqliteSession session, Batch batch, StepProfile step)
    {
        if (step.Profile is { } profile)
        {
            session.Execute(
                "write_profile",
                ("@batch", batch.Key),
                ("@step", step.Step),
                ("@stepVersion", step.Version),
                ("@answers", profile.Answers),
                ("@counts", profile.CountsToJson()),
                ("@samples", profile.SamplesToJson()));
        }

        foreach (var number in step.Withdrawn)
        {
            session.Execute("withdraw_drift", ("@number", number), ("@batch", batch.Key));
        }

        foreach (var drift in step.Found)
        {
            session.Execute(
                "write_drift",
                ("@batch", batch.Key),
                ("@step", step.Step),
                ("@stepVersion", step.Version),
                ("@kind", (int)drift.Kind),
                ("@path", drift.Path),
                ("@detail", drift.Detail),
                ("@evidence", drift.Evidence.ToJson()),
                ("@sample", drift.Sample));
        }
    }
}
