using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Consolidation.Definitions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// Makes a row of what an item has: its uploaded row and the results that its states refer to. All that is local to a row is done here,
/// once for both stores; SQL moves sets.
/// </summary>
internal sealed class RowEvaluator
{
    /// <summary>
    /// Raised with every change by which a cell, its origin or an issue may differ: in casts, normalisers, functions, rules. Tables are
    /// then built anew.
    /// </summary>
    public const int Version = 1;

    private const int LongestKey = 1000;
    private const char KeySeparator = '\x1f';

    private readonly RowDocuments documents;
    private readonly SourcedCells sourced;
    private readonly ComputedCells computed;
    private readonly int[] key;
    private readonly ListAnswers answers;
    private readonly bool notesTimes;
    private readonly ListRow? listed;
    private readonly byte[] batch = [];
    private readonly int version;
    private readonly int[] attempts;
    private readonly int[] traced;
    private readonly Utf8Sink origin = new(1 << 8);
    private readonly Func<ProjectionColumn, string, bool>? isOfFoldedCell;

    /// <param name="plan">The definition, resolved against the items' batch.</param>
    /// <param name="lists">What is in the lists. Null: nothing is known of them.</param>
    /// <param name="version">The version of the projection that has the definition; 0 if the row is not written.</param>
    public RowEvaluator(ProjectionPlan plan, ListAnswers? lists = null, int version = 0)
    {
        this.version = version;
        attempts = new int[plan.Stages.Count];
        traced = [.. plan.Columns.Index().Where(column => column.Item.Stored.HasSources).Select(column => column.Index)];
        Plan = plan;
        isOfFoldedCell = plan.Projection.FoldsColumns ? FoldRules.IsOfFoldedCell(plan.Projection) : null;
        notesTimes = plan.NeedsStoredAt;
        Row = new(plan.Cells.Count);
        List<short> stages = [0, .. plan.Stages];
        if (plan.ReadsBatch)
        {
            stages.Add(StageRead.OfBatch);
            batch = JsonSerializer.SerializeToUtf8Bytes(
                new JsonObject { [KnownSources.Workstream] = plan.Pipeline.Workstream });
        }

        documents = new(stages.Count);
        sourced = new(plan.Cells, documents, stage => stages.IndexOf(stage), Row);
        answers = lists ?? new();
        var answerer = new ListLookup(plan.Projection, answers);
        Children = [.. plan.Children.Select(child => new ChildRows(child, documents, stage => stages.IndexOf(stage), Row, answerer))];
        listed = plan.Lists.Count == 0 ? null : new(plan.Lists, documents, stage => stages.IndexOf(stage), Row);
        documents.Seal();
        key = [.. plan.Projection.Key.Select(part => IndexOf(plan, part))];
        computed = new(plan.Projection.Declared, plan.Cells, Children, answerer);
    }

    /// <summary>The definition, resolved against the item's batch.</summary>
    public ProjectionPlan Plan { get; }

    /// <summary>The row at hand.</summary>
    public EvaluatedRow Row { get; }

    /// <summary>The rows of its child tables.</summary>
    public ChildRows[] Children { get; }

    /// <summary>The values that the item adds to lists; null if it is not of their workstream.</summary>
    public ListRow? Listed => listed;

    /// <summary>
    /// Whether an expression asked for a value of a list that is not known yet. Then the row does not count: it is evaluated again.
    /// </summary>
    public bool IsLacking => answers.IsLacking;

    /// <summary>
    /// Whether the row belongs into the table, which may take rows of other workstreams only. A table by key has no row of an item without
    /// a key.
    /// </summary>
    public bool HasRow => Plan.HasRows
        && (key.Length == 0 || Row.Key is not null)
        && !(Plan.Projection.LeavesOutIncomplete && Row.Issues.Any(issue => issue.Reason == IssueReason.Missing));

    /// <summary>
    /// The issues of the row that belong to the table. Where items are folded by columns, those of cells that folding makes anew do not; an
    /// item that takes no part has all of its own.
    /// </summary>
    public IEnumerable<CellIssue> Issues => !Plan.HasRows ? []
        : isOfFoldedCell is null || !HasRow ? Row.Issues
        : Row.Issues.Where(issue => !isOfFoldedCell(Plan.Cells[issue.Column].Column, issue.Reason));

    /// <summary>The bucket of the row: the item's, or in a table by key the key's.</summary>
    public short RowBucket => Row.Key is { } text ? BucketOf(text) : Row.Bucket;

    /// <summary>Eight bytes that tell this row and its child rows from another.</summary>
    public long RowHash => Row.Hash(Plan.Written, origin.Written, Children);

    /// <summary>The words by which the row is searched.</summary>
    public IReadOnlyCollection<string> Words => SearchedWords.Of(Row, Plan.Written);

    /// <summary>Where the cells are from, as <see cref="RowOrigin"/> reads it.</summary>
    public ReadOnlySpan<byte> Origin => origin.Written;

    /// <summary>Begins the next item.</summary>
    public void Begin(short bucket, int item)
    {
        answers.Begin();
        Array.Clear(attempts);
        Row.Begin(bucket, item);
        documents.Clear();
        if (batch.Length > 0)
        {
            batch.CopyTo(Row.Room(batch.Length));
            Find(Plan.Stages.Count + 1, Row.Loaded(batch.Length), batch.Length);
        }
    }

    /// <summary>Finds what the columns read in a document whose bytes the row has just got.</summary>
    /// <param name="document">0 is the uploaded row; then the results of the plan's stages in their order.</param>
    /// <param name="start">Where it begins in the row's bytes.</param>
    /// <param name="length">How long it is.</param>
    public void Find(int document, int start, int length) => documents.Find(document, Row, start, length);

    /// <summary>Notes when a result was stored, if the plan needs it. An uploaded row is older than any.</summary>
    public void Date(int document, DateTime time)
    {
        documents.Date(document, time);
        if (notesTimes)
        {
            var text = time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
            documents.Note(document, ResultMeta.StoredAt, Row, $"\"{text}\"");
        }
    }

    /// <summary>Notes whether a result has something, or is that there is nothing.</summary>
    public void Found(int document, bool isFound) => documents.Note(document, ResultMeta.Found, Row, isFound ? "true" : "false");

    /// <summary>Notes which attempt of its stage a result is of.</summary>
    public void Number(int document, int attempt) => attempts[document - 1] = attempt;

    /// <summary>Makes the cells, the child rows and the issues of the documents that were found.</summary>
    public void Evaluate()
    {
        sourced.Evaluate();
        foreach (var rows in Children)
        {
            rows.Evaluate();
        }

        computed.Evaluate(Row);
        listed?.Evaluate();

        if (key.Length > 0)
        {
            Identify();
        }

        Trace();
    }

    /// <summary>Counts the results of the item, and which of their places have a value.</summary>
    public void Count()
    {
        for (var document = 1; document <= Plan.Stages.Count; document++)
        {
            documents.Count(document, Row);
        }
    }

    /// <summary>Adds what was counted.</summary>
    public void AddTo(FilledPlaces places)
    {
        foreach (var (index, stage) in Plan.Stages.Index())
        {
            var (answers, filled) = documents.Counted(index + 1);
            places.Add(stage, answers, filled);
        }
    }

    /// <inheritdoc cref="SourcedCells.Candidates" />
    public IEnumerable<SourceCandidate> Candidates(int column) => sourced.Candidates(column);

    /// <inheritdoc cref="SourcedCells.IsOfSource" />
    public bool IsOfSource(int column) => sourced.IsOfSource(column);

    /// <summary>The answer to an expression that depends on the reader's day.</summary>
    public object? ValueAsOf(ProjectionColumn column, DateOnly asOf) => computed.ValueAsOf(Row, column, asOf);

    private static int IndexOf(ProjectionPlan plan, string column) =>
        Enumerable.Range(0, plan.Cells.Count).First(index => plan.Cells[index].Stored.Name == column);

    private static short BucketOf(string key) =>
        (short)(SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] % Bucket.Count);

    private void Trace()
    {
        origin.Clear();
        RowOrigin.Append(origin, version);
        foreach (var column in traced)
        {
            origin.Append(sourced.PlaceOf(column));
        }

        foreach (var attempt in attempts)
        {
            RowOrigin.Append(origin, attempt);
        }

        foreach (var value in answers.Looked)
        {
            RowOrigin.Append(origin, value);
        }
    }

    // Of all parts without a value each is an issue, unless a bad value is one already.
    private void Identify()
    {
        var texts = new string[key.Length];
        var complete = true;
        for (var part = 0; part < key.Length; part++)
        {
            var column = key[part];
            if (Row.Cells[column] is not { HasValue: true } cell)
            {
                complete = false;
                if (!Row.Issues.Any(issue => issue.Column == column))
                {
                    Row.Add(new(column, 0, IssueReason.NoKey, ""));
                }

                continue;
            }

            texts[part] = Text(column, cell);
        }

        var text = complete ? string.Join(KeySeparator, texts) : null;
        if (text is not null && Encoding.UTF8.GetByteCount(text) > LongestKey)
        {
            var beginning = CellText.Beginning(Encoding.UTF8.GetBytes(texts[0]), SourcedCells.ShownCharacters);
            Row.Add(new(key[0], 0, IssueReason.LongKey, beginning));
            text = null;
        }

        Row.Key = text;
    }

    private string Text(int column, TypedCell cell) => Plan.Cells[column].Column.Type switch
    {
        ColumnType.Text => Encoding.UTF8.GetString(Row.Bytes(cell)),
        ColumnType.Date => DateOnly.FromDayNumber((int)cell.Whole).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => cell.Whole.ToString(CultureInfo.InvariantCulture),
    };
}
