using Enrichment.Consolidation.Definitions;
using System.Text.Json;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Makes the rows of a child table that an item has: one of each element of its array.</summary>
internal sealed class ChildRows
{
    private readonly RowDocuments documents;
    private readonly EvaluatedRow parent;
    private readonly (short Source, SourcedCells.Read Read)[] each;
    private readonly RowDocuments element = new(1);
    private readonly SourcedCells sourced;
    private readonly ComputedCells computed;
    private readonly int[] key;
    private readonly List<JsonSlice> elements = [];
    private readonly List<(JsonSlice Value, bool IsEntered)> values = [];
    private readonly List<ChildRow> found = [];
    private readonly List<ChildRow> written = [];
    private readonly List<ChildIssue> issues = [];

    /// <param name="plan">The child table.</param>
    /// <param name="documents">Gets the places where its array may be.</param>
    /// <param name="documentOf">Which document a stage's result is.</param>
    /// <param name="parent">The item's row.</param>
    /// <param name="lists">Looks values up in lists.</param>
    public ChildRows(
        PlannedChild plan,
        RowDocuments documents,
        Func<short, int> documentOf,
        EvaluatedRow parent,
        ListLookup lists)
    {
        Plan = plan;
        this.documents = documents;
        this.parent = parent;
        Row = parent.Beside(plan.Cells.Count);
        each = [.. plan.Each.SelectMany(source =>
            source.Reads.Select(read => ((short)source.Position, SourcedCells.Compile(read, documents, documentOf))))];
        sourced = new(plan.Cells, element, _ => 0, Row);
        element.Seal();
        computed = new(plan.Child.Columns, plan.Cells, [], lists);
        key = [.. plan.Cells.Index().Where(column => plan.Child.IsKey(column.Item.Stored)).Select(column => column.Index)];
    }

    /// <summary>The child table, resolved against the item's batch.</summary>
    public PlannedChild Plan { get; }

    /// <summary>The cells; <see cref="EvaluatedRow.Select"/> takes the place of a row.</summary>
    public EvaluatedRow Row { get; }

    /// <summary>The rows in the order of the array, without what is a twin of another row.</summary>
    public IEnumerable<ChildRow> InOrder => written.OrderBy(row => row.Place);

    /// <summary>The same rows by key and twin, as the table has them.</summary>
    public IReadOnlyList<ChildRow> Written => written;

    /// <summary>What did not become a row or a cell.</summary>
    public IReadOnlyList<ChildIssue> Issues => issues;

    /// <summary>Makes the rows of the item at hand.</summary>
    public void Evaluate()
    {
        Row.BeginRows();
        values.Clear();
        found.Clear();
        written.Clear();
        issues.Clear();
        if (!TryFindArray(out var array, out var isEntered, out var source))
        {
            return;
        }

        Split(array);
        foreach (var slice in elements)
        {
            var value = slice;
            if (slice.Type == JsonTokenType.String && !isEntered && parent.TryEnter(slice, out var inner))
            {
                value = inner;
            }

            if (value.Type is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                Evaluate(value, isEntered || value.Start != slice.Start);
            }
            else
            {
                issues.Add(new(Shape(source, value), null));
            }
        }

        Join();
    }

    /// <summary>Evaluates the element of a row once more, so that its candidates can be asked for.</summary>
    public void Visit(int place)
    {
        var (value, isEntered) = values[place];
        Row.Begin(place);
        element.Clear();
        element.Find(0, Row, value.Start, value.Length, isEntered);
        sourced.Evaluate();
        computed.Evaluate(Row);
    }

    /// <inheritdoc cref="SourcedCells.Candidates" />
    public IEnumerable<SourceCandidate> Candidates(int column) => sourced.Candidates(column);

    /// <inheritdoc cref="SourcedCells.IsOfSource" />
    public bool IsOfSource(int column) => sourced.IsOfSource(column);

    // What is no array is an issue, as a bad cell is, and the next source is asked.
    private bool TryFindArray(out JsonSlice array, out bool isEntered, out short source)
    {
        foreach (var (position, read) in each)
        {
            (array, source) = (documents.At(read.Document, read.Place), position);
            isEntered = documents.IsEntered(read.Document, array);
            if (array.Type == JsonTokenType.String && !isEntered && parent.TryEnter(array, out var inner))
            {
                (array, isEntered) = (inner, true);
            }

            if (array.Type == JsonTokenType.StartArray)
            {
                return true;
            }

            if (array.IsFound && !(array.Type == JsonTokenType.String && IsNone(parent.Bytes(parent.ContentOf(array)))))
            {
                issues.Add(new(Shape(position, array), null));
            }
        }

        (array, isEntered, source) = (default, false, 0);
        return false;
    }

    private static bool IsNone(ReadOnlySpan<byte> text) => CellText.IsBlank(text) || CellText.IsAbsence(CellText.Trimmed(text));

    private CellIssue Shape(short source, JsonSlice value) =>
        new(-1, source, IssueReason.Shape, CellText.Beginning(parent.Bytes(parent.ContentOf(value)), SourcedCells.ShownCharacters));

    private void Split(JsonSlice array)
    {
        elements.Clear();
        var reader = new Utf8JsonReader(parent.Bytes(array), new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var (type, start) = (reader.TokenType, (int)reader.TokenStartIndex);
            var escaped = type == JsonTokenType.String && reader.ValueIsEscaped;
            reader.Skip();
            elements.Add(new(array.Start + start, (int)reader.BytesConsumed - start, type, escaped));
        }
    }

    private void Evaluate(JsonSlice value, bool isEntered)
    {
        var first = Row.Issues.Count;
        var place = found.Count;
        values.Add((value, isEntered));
        Visit(place);
        var row = new ChildRow(place, Row.Identity(Plan.Cells, key), Row.Content(Plan.Cells), Twin: 1);
        found.Add(row);
        for (var issue = first; issue < Row.Issues.Count; issue++)
        {
            issues.Add(new(Row.Issues[issue], row.Key));
        }
    }

    // The order is that of the contents, so that the order of the array changes nothing.
    private void Join()
    {
        var sorted = found.Count < 2 ? found : found
            .OrderBy(row => row.Key)
            .ThenByDescending(row => Values(row.Place))
            .ThenBy(row => row.Content)
            .ThenBy(row => row.Place)
            .ToList();
        foreach (var row in sorted)
        {
            if (written.Count == 0 || written[^1].Key != row.Key)
            {
                written.Add(row);
            }
            else if (Plan.Child.NumbersTwins)
            {
                written.Add(row with { Twin = written[^1].Twin + 1 });
            }
            else if (written[^1].Content != row.Content)
            {
                issues.Add(new(new(-1, 0, IssueReason.Twin, ""), row.Key));
            }
        }
    }

    private int Values(int place)
    {
        Row.Select(place);
        var values = 0;
        foreach (var cell in Row.Cells[..Plan.Columns.Count])
        {
            values += cell.HasValue ? 1 : 0;
        }

        return values;
    }
}
