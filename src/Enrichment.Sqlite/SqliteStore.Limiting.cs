using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>
/// What vendors allow: one host at a time works, but its claim loops share a limit, and what the vendor said outlives the host.
/// </content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public Task BindLimitAsync(int batch, short stage, LimitKey limit, bool untilAnswered, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
                session.Execute(
                    "bind_limit",
                    ("@batch", batch),
                    ("@stage", stage),
                    ("@bucket", limit.Bucket),
                    ("@name", limit.Name),
                    ("@untilAnswered", untilAnswered)),
            cancellationToken);

    /// <inheritdoc />
    public Task<LeasedPermits> LeasePermitsAsync(PermitBlockRequest request, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
                session
                    .Query(
                        "lease_permits",
                        row => new LeasedPermits(
                            row.GetInt64(0),
                            row.GetInt32(1),
                            TimeSpan.FromMilliseconds(row.GetInt64(2)),
                            TimeSpan.FromMilliseconds(row.GetInt64(3)),
                            row.GetBoolean(4)),
                        ("@bucket", request.Limit.Bucket),
                        ("@name", request.Limit.Name),
                        ("@client", request.Client),
                        ("@owner", request.Owner),
                        ("@calls", request.Calls),
                        ("@gap", request.Gap.TotalMilliseconds),
                        ("@surplus", request.Surplus),
                        ("@concurrency", request.Concurrency),
                        ("@ahead", request.Ahead),
                        ("@lead", request.Lead),
                        ("@window", request.Window),
                        ("@lease", request.Lease))
                    .Single(),
            cancellationToken);

    /// <inheritdoc />
    public Task ReturnPermitsAsync(BlockEnd end, CancellationToken cancellationToken) => WriteAsync(
        session => session.Execute(
            "return_permits",
            ("@bucket", end.Block.Limit.Bucket),
            ("@name", end.Block.Limit.Name),
            ("@block", end.Block.Block),
            ("@unused", end.Unused),
            ("@answered", end.Answered),
            ("@failed", end.Failed),
            ("@failures", end.Failures),
            ("@breakAfter", end.BreakAfter),
            ("@pause", end.Pause),
            ("@out", end.IsOut)),
        cancellationToken);

    /// <inheritdoc />
    public void RenewBlocks(string owner, IReadOnlyList<HeldBlock> blocks, TimeSpan duration)
    {
        var set = JsonRows.Of(blocks, (cells, held) =>
        {
            cells.WriteNumberValue(held.Limit.Bucket);
            cells.WriteStringValue(held.Limit.Name);
            cells.WriteNumberValue(held.Block);
        });
        Write(session => session.Execute("renew_permits", ("@blocks", set), ("@owner", owner), ("@duration", duration)));
    }

    /// <inheritdoc />
    public Task PauseLimitAsync(LimitKey limit, TimeSpan pause, bool failing, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
                session.Execute("pause_limit", ("@bucket", limit.Bucket), ("@name", limit.Name), ("@pause", pause), ("@failing", failing)),
            cancellationToken);

    /// <inheritdoc />
    public Task SlowDownAsync(LimitKey limit, TimeSpan? asked, TimeSpan first, TimeSpan longest, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
                session.Execute(
                    "slow_down",
                    ("@bucket", limit.Bucket),
                    ("@name", limit.Name),
                    ("@asked", asked),
                    ("@first", first),
                    ("@longest", longest)),
            cancellationToken);

    /// <inheritdoc />
    public Task<bool> CountFailuresAsync(
        LimitKey limit,
        int failures,
        bool answered,
        int breakAfter,
        CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
                session
                    .Query(
                        "count_failures",
                        row => row.GetBoolean(0),
                        ("@bucket", limit.Bucket),
                        ("@name", limit.Name),
                        ("@failures", failures),
                        ("@answered", answered),
                        ("@breakAfter", breakAfter))
                    .Exists(ended => ended && !answered),
            cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StageLimit>> ReadLimitsAsync(int batch, CancellationToken cancellationToken) =>
        await ReadAsync(
                session =>
                    session.Query(
                        "read_limits",
                        row => new StageLimit(row.GetInt16(0), row.GetString(1), row.TextOrNull(2), row.MomentOrNull(3)),
                        ("@batch", batch)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task<bool> PauseAccountAsync(LimitKey account, TimeSpan pause, TimeSpan age, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
                session
                    .Query(
                        "pause_account",
                        row => row.GetInt32(0),
                        ("@bucket", account.Bucket),
                        ("@name", account.Name),
                        ("@pause", pause),
                        ("@age", age))
                    .Count > 0,
            cancellationToken);

    /// <inheritdoc />
    public Task<bool> ProbeAccountAsync(LimitKey account, TimeSpan hold, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
                session
                    .Query("probe_account", row => row.GetInt32(0), ("@bucket", account.Bucket), ("@name", account.Name), ("@hold", hold))
                    .Count > 0,
            cancellationToken);

    /// <inheritdoc />
    public Task ReturnProbeAsync(LimitKey account, CancellationToken cancellationToken) => WriteAsync(
        session => session.Execute("return_probe", ("@bucket", account.Bucket), ("@name", account.Name)),
        cancellationToken);

    /// <inheritdoc />
    public Task<bool> ResumeAccountAsync(LimitKey account, bool probed, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            var ended = session.Query("resume_account", row => row.GetInt32(0), ("@bucket", account.Bucket), ("@name", account.Name), ("@probed", probed)).Count > 0;
            if (ended || !probed)
            {
                session.Execute("end_put_off");
            }

            return ended;
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<UsedUpAccount>> ReadAccountsAsync(CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query("read_accounts", ReadAccount), cancellationToken).ConfigureAwait(false);

    private static UsedUpAccount ReadAccount(SqliteDataReader row) =>
        new(
            row.GetString(0),
            row.MomentOrNull(1)!.Value,
            row.MomentOrNull(2)!.Value,
            TimeSpan.FromMilliseconds(row.GetInt64(3)),
            row.GetBoolean(4));
}
