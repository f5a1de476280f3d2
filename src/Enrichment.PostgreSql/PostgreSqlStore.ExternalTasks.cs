using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>External tasks. The statements are those of the SQL functions.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> HandOutAsync(HandOutRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = Fenced("hand_out", request.Lease, out var parameters);
        var tasks = request.Tasks;
        Add(parameters, "owner", request.Owner);
        Add(parameters, "items", Column(tasks, t => t.Attempt.Item));
        Add(parameters, "attempts", Column(tasks, t => t.Attempt.Attempt));
        Add(parameters, "generations", Column(tasks, t => t.Attempt.Generation));
        AddSparse(parameters, "calls", NpgsqlDbType.Uuid, tasks, t => t.Attempt.Call);
        AddSparse(parameters, "tokens", NpgsqlDbType.Bytea, tasks, t => t.Attempt.TokenHash);
        Add(parameters, "waits", (short)request.Sending.Waits);
        Add(parameters, "deadline", request.Sending.Deadline);
        Add(parameters, "actsAfter", request.Sending.ActsAfter);
        Add(parameters, "client", request.Client);
        Add(parameters, "step", request.Step);
        Add(parameters, "version", request.Version);
        parameters.Add(new("settings", NpgsqlDbType.Json) { Value = (object?)request.Settings ?? DBNull.Value });
        Add(parameters, "limited", request.Limited);
        Add(parameters, "keys", Column(tasks, t => t.IdempotencyKey));
        parameters.Add(new("records", NpgsqlDbType.Array | NpgsqlDbType.Json) { Value = Column(tasks, t => t.Record) });
        Add(parameters, "afters", Column(tasks, t => t.After));
        Add(parameters, "untils", Column(tasks, t => t.Until));
        AddSparse(parameters, "trials", NpgsqlDbType.Bigint, tasks, t => t.Trial);
        return await ReadNumbersAsync(connection, command, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<TaskDemand> ReadDemandAsync(
        (int Batch, short Stage) stage,
        string step,
        string version,
        string client,
        int most,
        TimeSpan window,
        CancellationToken cancellationToken)
    {
        var rows = await TimedAsync(
            "read_demand",
            command =>
            {
                Add(command, "batch", stage.Batch);
                Add(command, "stage", stage.Stage);
                Add(command, "step", step);
                Add(command, "version", version);
                Add(command, "client", client);
                Add(command, "most", most);
                Add(command, "window", window);
            },
            row => new TaskDemand(row.GetInt32(0), row.GetInt32(1)),
            cancellationToken).ConfigureAwait(false);
        return rows[0];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<FetchedTask>> FetchTasksAsync(TaskFetch request, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (var noting = Timed(connection, "note_worker"))
        {
            AddFetch(noting, request);
            await noting.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        List<short> buckets;
        await using (var finding = new NpgsqlCommand(sql["find_buckets_of_tasks"], connection))
        {
            Add(finding, "step", request.Step);
            Add(finding, "clients", request.Clients.ToArray());
            buckets = await MapAsync(finding, row => row.GetInt16(0), cancellationToken).ConfigureAwait(false);
        }

        var tasks = new List<FetchedTask>();
        foreach (var bucket in buckets)
        {
            await using var fetching = Timed(connection, "fetch_tasks");
            AddFetch(fetching, request);
            Add(fetching, "bucket", bucket);
            Add(fetching, "limit", request.Limit - tasks.Count);
            Add(fetching, "hold", request.Hold);

            // Not cancelled half-way: what was fetched and not heard of would count as lost.
            List<(FetchedTask Task, bool Alone)> more;
            try
            {
                more = await MapAsync(fetching, row => (ReadTask(row), row.GetBoolean(11)), CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception) when (tasks.Count > 0)
            {
                request.FailedHalfway?.Invoke(exception);
                break;
            }

            tasks.AddRange(more.Select(each => each.Task));
            if (tasks.Count >= request.Limit || more.Exists(each => each.Alone))
            {
                break;
            }
        }

        return tasks;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<bool>> ReportTasksAsync(
        string identity,
        IReadOnlyList<(string Task, string Body)> reports,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = OfTasks("report_tasks", identity, Column(reports, report => report.Task));
        Add(command.Parameters, "bodies", Column(reports, report => System.Text.Encoding.UTF8.GetBytes(report.Body)));
        return await TakenAsync(connection, command, [.. reports.Select(report => report.Task)], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<bool>> ExtendTasksAsync(
        string identity,
        IReadOnlyList<string> tasks,
        TimeSpan hold,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = OfTasks("extend_tasks", identity, [.. tasks]);
        Add(command.Parameters, "hold", hold);
        return await TakenAsync(connection, command, tasks, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RangeKey>> FindDueTasksAsync(int limit, CancellationToken cancellationToken) =>
        await TimedAsync(
            "find_due_tasks",
            command => Add(command, "limit", limit),
            row => new RangeKey(row.GetInt16(0), row.GetInt32(1), row.GetInt16(2)),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueTask>> TakeDueTasksAsync(
        RangeKey range,
        int limit,
        TimeSpan hold,
        TimeSpan holdFetched,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = Keyed(connection, "take_due_tasks", range);
        Add(command, "limit", limit);
        Add(command, "hold", hold);
        Add(command, "holdFetched", holdFetched);
        return await MapAsync(
            command,
            row => new DueTask(
                row.GetInt32(0),
                row.GetInt16(1),
                row.GetInt32(2),
                row.GetInt16(3),
                row.GetInt16(4),
                row.GetBoolean(5),
                row.IsDBNull(6) ? null : row.GetInt16(6),
                row.IsDBNull(7) ? null : row.GetString(7)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<int> HideTasksAsync(RangeKey range, IReadOnlyCollection<int> items, CancellationToken cancellationToken) =>
        ExecuteAsync("hide_tasks", new { range.Bucket, range.Batch, range.Stage, items = items.ToArray(), now = Now }, cancellationToken);

    /// <summary>Of each task, whether it is the worker's: the statement returns the others.</summary>
    private async Task<IReadOnlyList<bool>> TakenAsync(
        NpgsqlConnection connection,
        NpgsqlBatchCommand command,
        IReadOnlyList<string> tasks,
        CancellationToken cancellationToken)
    {
        var rows = await ReadRowsAsync(connection, command, row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        var refused = rows.ToHashSet();
        return [.. tasks.Select(task => !refused.Contains(Storable(task)))];
    }

    /// <summary>A name that a text of PostgreSQL can hold: one with NUL is that of no task, like an empty one.</summary>
    private static string Storable(string task) => task.Contains('\0', StringComparison.Ordinal) ? "" : task;

    private static void AddFetch(NpgsqlCommand command, TaskFetch request)
    {
        Add(command, "step", request.Step);
        Add(command, "worker", request.Worker);
        Add(command, "identity", request.Identity);
        Add(command, "clients", request.Clients.ToArray());
        Add(command, "wanted", request.Limit);
        command.Parameters.Add(new("version", NpgsqlDbType.Text) { Value = (object?)request.Version ?? DBNull.Value });
    }

    private NpgsqlBatchCommand OfTasks(string operation, string identity, string[] tasks)
    {
        var command = new NpgsqlBatchCommand(sql[operation]);
        AddNow(command.Parameters);
        Add(command.Parameters, "identity", identity);
        Add(command.Parameters, "tasks", Array.ConvertAll(tasks, Storable));
        return command;
    }

    private static FetchedTask ReadTask(NpgsqlDataReader row) => new()
    {
        Task = row.GetString(0),
        Batch = row.GetGuid(1),
        Stage = row.GetInt16(2),
        Item = row.GetInt32(3),
        Attempt = row.GetInt32(4),
        Version = row.GetString(5),
        Settings = row.IsDBNull(6) ? null : FetchedTask.Json(row.GetString(6)),
        IdempotencyKey = row.GetString(7),
        Record = FetchedTask.Json(row.GetString(8)),
        CallAfterSeconds = row.IsDBNull(9) ? null : row.GetDouble(9),
        CallBySeconds = row.IsDBNull(10) ? null : row.GetDouble(10),
    };
}
