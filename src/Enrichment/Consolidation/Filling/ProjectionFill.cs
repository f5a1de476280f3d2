using System.Data.Common;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>Fills a table with items of a batch: reads what they have, evaluates it, writes rows and issues.</summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="version">Whose table is filled.</param>
/// <param name="batch">The items' batch.</param>
/// <param name="again">True if rows and issues of these items may be there.</param>
internal sealed class ProjectionFill(ProjectionSession session, TableVersion version, PlannedBatch batch, bool again) : IAsyncDisposable
{
    private const int BytesAtOnce = 8 << 20;

    private readonly ListAnswers answers = new();
    private readonly ProjectionLists lists = new(session, version.Lists, batch.Client);
    private readonly List<(ListedValue, int)> listed = [];
    private readonly List<PlacedIssue> issues = [];
    private readonly bool needsTimes = batch.Plan.NeedsTimes;
    private readonly IReadOnlyList<int> places = CellCounts.PlacesOf(version.Projection);
    private RowEvaluator evaluator = null!;
    private DbCommand? command;
    private TableWriter? writer;
    private int issueBytes;

    /// <summary>By how much the counts of the table have changed. By key a row is of no single item, and nothing is counted.</summary>
    public CellCounts Counts { get; } = new(CellCounts.PlacesOf(version.Projection).Count);

    /// <summary>Adds how many of the results that were read have a value at each place.</summary>
    public void AddTo(FilledPlaces places) => evaluator?.AddTo(places);

    /// <param name="items">Some items, which no call before had.</param>
    /// <param name="cancellationToken">Ends the call; the store rolls back.</param>
    public async Task RunAsync(IReadOnlyList<(short Bucket, int Item)> items, CancellationToken cancellationToken)
    {
        var dialect = session.Dialect;
        evaluator ??= new(batch.Plan, answers, version.Lists);
        command ??= session.Command(dialect.ReadItems(batch.Plan), new(dialect.Items([]))
        {
            ["batch"] = batch.Key,
            ["upload"] = batch.Upload,
        });
        writer ??= await dialect.OpenAsync(session, batch, version, again, cancellationToken).ConfigureAwait(false);
        if (again)
        {
            await session.RunAsync(
                "forget_some_issues", new(session.Bound(version.Version, batch.Key).Concat(dialect.Items(items))), cancellationToken)
                .ConfigureAwait(false);
            if (!version.IsKeyed)
            {
                var values = new Dictionary<string, object>(dialect.Items(items)) { ["client"] = batch.Client, ["batch"] = batch.Key };
                var before = await session.CountsAsync(dialect.CountItems(version), values, cancellationToken).ConfigureAwait(false);
                Counts.Add(before, sign: -1);
            }
        }

        // Large rows are written early. The items that are left are read again, and so are those that need values of lists: these are
        // looked up at once.
        for (var left = items; left.Count > 0;)
        {
            left = await ReadAsync(left, cancellationToken).ConfigureAwait(false);
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (version.Projection.FoldsColumns)
            {
                await ColumnFold.RunAsync(session, version, again, cancellationToken).ConfigureAwait(false);
            }

            await session.AddIssuesAsync(version.Version, issues, cancellationToken).ConfigureAwait(false);
            issues.Clear();
            issueBytes = 0;
            await lists.AnswerAsync(answers, cancellationToken).ConfigureAwait(false);
        }

        if (batch.Plan.Lists.Count > 0 && version.Lists == version.Version)
        {
            await lists.WriteAsync(batch.Key, items, listed, cancellationToken).ConfigureAwait(false);
            listed.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (writer is not null)
        {
            await writer.DisposeAsync().ConfigureAwait(false);
        }

        if (command is not null)
        {
            await command.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Evaluates items until enough waits to be written. Returns those that are left.</summary>
    private async Task<IReadOnlyList<(short Bucket, int Item)>> ReadAsync(
        IReadOnlyList<(short Bucket, int Item)> items, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in session.Dialect.Items(items))
        {
            command!.Parameters[name].Value = value;
        }

        await session.Dialect.PrepareAsync(command!, cancellationToken).ConfigureAwait(false);
        await using var reader = await command!.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var left = items.ToHashSet();
        var lacking = new List<(short, int)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            session.Dialect.Load(reader, evaluator, needsTimes);
            evaluator.Evaluate();
            if (evaluator.IsLacking)
            {
                lacking.Add((evaluator.Row.Bucket, evaluator.Row.Item));
                continue;
            }

            Write();
            session.ItemsFilled++;
            left.Remove((evaluator.Row.Bucket, evaluator.Row.Item));
            if (writer!.Waiting + issueBytes >= BytesAtOnce)
            {
                return [.. left];
            }
        }

        return lacking;
    }

    private void Write()
    {
        evaluator.Count();
        // An item of a workstream that has no rows adds to lists alone.
        foreach (var issue in evaluator.Issues)
        {
            Add(batch.Plan.Cells[issue.Column].Column.Name, issue);
        }

        if (evaluator.Listed is { } list)
        {
            listed.AddRange(list.Values.Select(value => (value, evaluator.Row.Item)));
            foreach (var (column, issue) in list.Issues)
            {
                Add(column, issue);
            }
        }

        var number = 0;
        foreach (var rows in batch.Plan.HasRows ? evaluator.Children : [])
        {
            foreach (var (issue, key) in rows.Issues)
            {
                Add(rows.Plan.ColumnOf(issue), issue, ++number, key);
            }
        }

        if (evaluator.HasRow && !version.IsKeyed)
        {
            Counts.Add(evaluator.Row, places);
        }

        writer!.Add(evaluator);
    }

    private void Add(string column, CellIssue issue, int number = 0, UInt128? key = null)
    {
        issues.Add(new(evaluator.Row.Bucket, batch.Key, evaluator.Row.Item, column, issue) { Number = number, Key = key });
        issueBytes += issue.Value.Length + PlacedIssue.Overhead;
    }
}
