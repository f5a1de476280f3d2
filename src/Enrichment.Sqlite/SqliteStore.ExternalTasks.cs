using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>External tasks.</content>
internal sealed partial class SqliteStore
{
    /// <summary>Makes <c>sha256(text)</c> known to a connection.</summary>
    internal static void DefineHash(SqliteConnection connection) =>
        connection.CreateFunction("sha256", (string? text) => SHA256.HashData(Encoding.UTF8.GetBytes(text ?? "")), isDeterministic: true);

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> HandOutAsync(HandOutRequest request, CancellationToken cancellationToken)
    {
        var attempts = JsonRows.Of(request.Tasks, (cells, task) =>
        {
            cells.WriteNumberValue(task.Attempt.Item);
            cells.WriteNumberValue(task.Attempt.Attempt);
            cells.WriteNumberValue(task.Attempt.Generation);
            cells.WriteStringValue(task.Attempt.TokenHash is { } token ? Convert.ToHexString(token) : null);
            cells.WriteStringValue(task.Attempt.Call?.ToString());
        });
        var tasks = JsonRows.Of(request.Tasks, (cells, task) =>
        {
            cells.WriteNumberValue(task.Attempt.Item);
            cells.WriteStringValue(task.IdempotencyKey);
            cells.WriteStringValue(task.Record);
            cells.WriteNumberValue((long)task.After.TotalMilliseconds);
            cells.WriteNumberValue((long)task.Until.TotalMilliseconds);
            if (task.Trial is { } trial)
            {
                cells.WriteNumberValue(trial);
            }
        });
        var lease = request.Lease;
        return await WriteAsync(
            session => session.Query(
                "hand_out",
                row => row.GetInt32(0),
                ("@bucket", lease.Range.Bucket),
                ("@batch", lease.Range.Batch),
                ("@stage", lease.Range.Stage),
                ("@lo", lease.Lo),
                ("@token", lease.Token),
                ("@owner", request.Owner),
                ("@attempts", attempts),
                ("@tasks", tasks),
                ("@waits", (int)request.Sending.Waits),
                ("@deadline", request.Sending.Deadline),
                ("@actsAfter", request.Sending.ActsAfter),
                ("@client", request.Client),
                ("@step", request.Step),
                ("@version", request.Version),
                ("@settings", request.Settings),
                ("@limited", request.Limited)),
            cancellationToken).ConfigureAwait(false);
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
        var rows = await ReadAsync(
            session => session.Query(
                "read_demand",
                row => new TaskDemand(row.GetInt32(0), (int)Math.Min(int.MaxValue, row.GetInt64(1))),
                ("@batch", stage.Batch),
                ("@stage", stage.Stage),
                ("@step", step),
                ("@version", version),
                ("@client", client),
                ("@most", most),
                ("@window", window)),
            cancellationToken).ConfigureAwait(false);
        return rows[0];
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<FetchedTask>> FetchTasksAsync(TaskFetch request, CancellationToken cancellationToken)
    {
        var clients = $"[{string.Join(',', request.Clients.Select(client => $"\"{System.Text.Json.JsonEncodedText.Encode(client)}\""))}]";
        return WriteAsync<IReadOnlyList<FetchedTask>>(
            session =>
            {
                session.Execute(
                    "note_worker",
                    ("@step", request.Step),
                    ("@worker", request.Worker),
                    ("@identity", request.Identity),
                    ("@version", request.Version),
                    ("@clients", clients),
                    ("@wanted", request.Limit));
                var tasks = new List<FetchedTask>();
                var buckets = session.Query(
                    "find_buckets_of_tasks",
                    row => row.GetInt16(0),
                    ("@step", request.Step),
                    ("@clients", clients));
                foreach (var bucket in buckets)
                {
                    var more = session.Query(
                        "fetch_tasks",
                        row => (Task: ReadTask(row), Alone: row.GetBoolean(11)),
                        ("@bucket", bucket),
                        ("@step", request.Step),
                        ("@worker", request.Worker),
                        ("@identity", request.Identity),
                        ("@clients", clients),
                        ("@version", request.Version),
                        ("@limit", request.Limit - tasks.Count),
                        ("@wanted", request.Limit),
                        ("@hold", request.Hold));
                    tasks.AddRange(more.Select(each => each.Task));
                    if (tasks.Count >= request.Limit || more.Exists(each => each.Alone))
                    {
                        break;
                    }
                }

                return tasks;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<bool>> ReportTasksAsync(
        string identity,
        IReadOnlyList<(string Task, string Body)> reports,
        CancellationToken cancellationToken)
    {
        string[] tasks = [.. reports.Select(report => report.Task)];
        using var named = NamedTasks(tasks, number => reports[number].Body);
        return Flags(
            tasks,
            await WriteAsync(
                    session => session.Query("report_tasks", row => row.GetInt32(0), ("@identity", identity), ("@tasks", named.Text)),
                    cancellationToken)
                .ConfigureAwait(false));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<bool>> ExtendTasksAsync(
        string identity,
        IReadOnlyList<string> tasks,
        TimeSpan hold,
        CancellationToken cancellationToken)
    {
        using var named = NamedTasks(tasks, _ => null);
        return Flags(
            tasks,
            await WriteAsync(
                session =>
                    session.Query(
                        "extend_tasks",
                        row => row.GetInt32(0),
                        ("@identity", identity),
                        ("@tasks", named.Text),
                        ("@hold", hold)),
                cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RangeKey>> FindDueTasksAsync(int limit, CancellationToken cancellationToken) =>
        await ReadAsync(session => session.Query("find_due_tasks", ReadRange, ("@limit", limit)), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueTask>> TakeDueTasksAsync(
        RangeKey range,
        int limit,
        TimeSpan hold,
        TimeSpan holdFetched,
        CancellationToken cancellationToken) =>
        await WriteAsync(
            session => session.Query(
                "take_due_tasks",
                row => new DueTask(
                    row.GetInt32(0),
                    row.GetInt16(1),
                    row.GetInt32(2),
                    row.GetInt16(3),
                    row.GetInt16(4),
                    row.GetBoolean(5),
                    row.IsDBNull(6) ? null : row.GetInt16(6),
                    row.TextOrNull(7)),
                ("@bucket", range.Bucket),
                ("@batch", range.Batch),
                ("@stage", range.Stage),
                ("@limit", limit),
                ("@hold", hold),
                ("@holdFetched", holdFetched)),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<int> HideTasksAsync(RangeKey range, IReadOnlyCollection<int> items, CancellationToken cancellationToken) => WriteAsync(
        session => session.Execute(
            "hide_tasks",
            ("@bucket", range.Bucket),
            ("@batch", range.Batch),
            ("@stage", range.Stage),
            ("@items", JsonRows.Of(items))),
        cancellationToken);

    /// <summary>Of each task, whether it is the worker's: the statement returns the first number of each that is.</summary>
    private static bool[] Flags(IReadOnlyList<string> tasks, List<int> numbers)
    {
        var taken = numbers.Select(number => tasks[number - 1]).ToHashSet();
        return [.. tasks.Select(taken.Contains)];
    }

    /// <summary>The tasks that are named as tasks are, numbered from 1.</summary>
    private static JsonSet NamedTasks(IReadOnlyList<string> tasks, Func<int, string?> body) => JsonSet.Of(
        Enumerable.Range(0, tasks.Count)
            .Select(number => (Number: number, Match: TaskName().Match(tasks[number])))
            .Where(named => named.Match.Success),
        tasks.Count * 128,
        (cells, named) =>
        {
            cells.WriteNumberValue(named.Number + 1);
            for (var part = 1; part <= 5; part++)
            {
                cells.WriteNumberValue(long.Parse(named.Match.Groups[part].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
            }

            cells.WriteStringValue(named.Match.Groups[6].ValueSpan);
            cells.WriteStringValue(body(named.Number));
        });

    private static FetchedTask ReadTask(SqliteDataReader row) => new()
    {
        Task = row.GetString(0),
        Batch = Guid.Parse(row.GetString(1)),
        Stage = row.GetInt16(2),
        Item = row.GetInt32(3),
        Attempt = row.GetInt32(4),
        Version = row.GetString(5),
        Settings = row.TextOrNull(6) is { } settings ? FetchedTask.Json(settings) : null,
        IdempotencyKey = row.GetString(7),
        Record = FetchedTask.Json(row.GetString(8)),
        CallAfterSeconds = row.IsDBNull(9) ? null : row.GetDouble(9),
        CallBySeconds = row.IsDBNull(10) ? null : row.GetDouble(10),
    };

    [GeneratedRegex(
        @"\A(0|[1-9][0-9]?)\.([1-9][0-9]{0,9})\.([1-9][0-9]{0,3})\.([1-9][0-9]{0,9})\.([1-9][0-9]{0,9})\.([0-9a-f]{32})\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex TaskName();
}
