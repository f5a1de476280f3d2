using System.Security.Cryptography;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Expressions;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation;

/// <summary>A definition that turns raw rows and results into a typed table. Immutable.</summary>
/// <remarks>
/// The table begins with the engine's columns <c>bucket</c>, <c>client</c>, <c>batch</c> and <c>item</c>; the declared ones follow. It has
/// one row for every item of a consolidated batch, whether its pipeline has ended or not, unless the projection has a key of its own.
/// </remarks>
public sealed class Projection
{
    private byte[]? definition;
    private byte[]? hash;

    internal Projection(
        string name,
        string table,
        IReadOnlyList<string> key,
        IReadOnlyList<BucketScale> buckets,
        IReadOnlyList<ProjectionColumn> columns,
        IReadOnlyList<ProjectionChild> children,
        IReadOnlyList<ProjectionList> lists)
    {
        Name = name;
        Table = table;
        Key = key;
        Buckets = buckets;
        var problems = new List<string>();
        Lists = lists;
        var schema = new ExpressionSchema([]) { Buckets = buckets, Lists = [.. lists.Select(list => list.Schema)] };
        Children = [.. children.Select(child => child with { Columns = ComputedColumns.Bind(child.Columns, schema, problems) })];
        Declared = ComputedColumns.Bind(columns, schema with { Children = [.. Children.Select(child => child.Schema)] }, problems);
        Columns = [.. Declared.Where(column => !column.IsHidden)];
        ProjectionRules.Check(this, problems);
        Stored = [.. Columns.SelectMany(StoredColumn.Of)];
        Hidden = [.. Declared.Where(column => column.IsHidden).SelectMany(StoredColumn.Of)];
    }

    /// <summary>How hosts and operators ask for it.</summary>
    public string Name { get; }

    /// <summary>The table's name.</summary>
    public string Table { get; }

    /// <summary>The columns that make a row one; empty if each item has its own row.</summary>
    public IReadOnlyList<string> Key { get; }

    /// <summary>The names of the columns in order, hidden ones left out, as in <see cref="ProjectedRow.Values"/>.</summary>
    public IReadOnlyList<string> ColumnNames => [.. Columns.Select(column => column.Name)];

    /// <summary>Whether an item without a value in a required column has no row.</summary>
    /// <exception cref="EnrichmentException">No column is required.</exception>
    internal bool LeavesOutIncomplete
    {
        get;
        init => field = !value || Declared.Any(column => column.IsRequired) ? value : throw new EnrichmentException(
            $"Projection '{Name}' cannot be used. It leaves out incomplete rows, but requires no column: require one, or keep the rows.");
    }

    /// <summary>The workstreams whose batches have rows, in ordinal order; empty: all batches have.</summary>
    /// <exception cref="EnrichmentException">One has no name, or two have the same.</exception>
    internal IReadOnlyList<string> Workstreams
    {
        get;
        init => field = ProjectionRules.WorkstreamProblem(value) is { } problem
            ? throw new EnrichmentException($"Projection '{Name}' cannot be used. {problem}")
            : [.. value.Order(StringComparer.Ordinal)];
    } = [];

    /// <summary>Whether batches of a workstream have rows.</summary>
    internal bool TakesRowsOf(string workstream) => Workstreams.Count == 0 || Workstreams.Contains(workstream, StringComparer.Ordinal);

    /// <summary>
    /// Whether each column of a row by key is folded by itself, from all items of the key. Otherwise the row is the youngest item's.
    /// </summary>
    /// <exception cref="EnrichmentException">The columns cannot be folded.</exception>
    internal bool FoldsColumns
    {
        get;
        init => field = value && FoldRules.Problems(this).ToList() is { Count: > 0 } problems
            ? throw new EnrichmentException($"Projection '{Name}' cannot be used. {string.Join(" ", problems)}")
            : value;
    }

    /// <summary>The columns that readers see, in order.</summary>
    internal IReadOnlyList<ProjectionColumn> Columns { get; }

    /// <summary>All columns in the order of their declaration, hidden ones among them.</summary>
    internal IReadOnlyList<ProjectionColumn> Declared { get; }

    /// <summary>The child tables in order.</summary>
    internal IReadOnlyList<ProjectionChild> Children { get; }

    /// <summary>The lists that expressions may name.</summary>
    internal IReadOnlyList<ProjectionList> Lists { get; }

    /// <summary>The columns of all lists: what is stored of a list names its column by the place here.</summary>
    internal IReadOnlyList<(ProjectionList List, ProjectionColumn Column)> ListColumns =>
        [.. Lists.SelectMany(list => list.Columns.Select(column => (list, column)))];

    /// <summary>The columns of the table behind the engine's own.</summary>
    internal IReadOnlyList<StoredColumn> Stored { get; }

    /// <summary>Whether a column is searched, so that each row has its words.</summary>
    internal bool IsSearched => Columns.Any(column => column.IsSearched);

    /// <summary>Whether the rows of items have these words too. Folded rows have words of their own.</summary>
    internal bool AreItemsSearched => IsSearched && !FoldsColumns;

    /// <summary>The cells that are evaluated beside those of the table.</summary>
    internal IReadOnlyList<StoredColumn> Hidden { get; }

    /// <summary>All cells that are evaluated of an item: those of the table, hidden ones, then what folding compares.</summary>
    internal IReadOnlyList<StoredColumn> Cells => field ??=
    [
        .. Stored,
        .. Hidden,
        .. FoldsColumns ? Declared.Where(column => !Key.Contains(column.Name)).Select(StoredColumn.RankOf).OfType<StoredColumn>() : [],
    ];

    /// <summary>The columns that the rows of items have. By key, they may have more than the rows that they fold to.</summary>
    internal IReadOnlyList<StoredColumn> OfItems => FoldsColumns ? Cells : Stored;

    /// <summary>The scales that expressions may name.</summary>
    internal IReadOnlyList<BucketScale> Buckets { get; }

    /// <summary>The place of a child table, by the name that expressions have for it or by its table's.</summary>
    /// <exception cref="EnrichmentException">There is none.</exception>
    internal int ChildNamed(string name) =>
        Children.Index().FirstOrDefault(child => child.Item.Name == name || child.Item.Table == name, (-1, null!))
            is { Index: >= 0 and var index }
            ? index
            : throw new EnrichmentException(
                $"Projection '{Name}' has no child table '{Excerpt.Of(name)}'.{Nearest.Hint(name, Children.Select(child => child.Name))}");

    /// <summary>The sources to which issues refer, by the name that issues have for their column.</summary>
    internal Dictionary<string, IReadOnlyList<ColumnSource>> IssueSources => Declared
        .Select(column => (column.Name, column.Sources))
        .Concat(Children.Select(child => (child.Name, Sources: child.Each)))
        .Concat(Children.SelectMany(child => child.Columns.Select(column => (child.NameOf(column), column.Sources))))
        .Concat(ListColumns.Select(known => (known.List.NameOf(known.Column), known.Column.Sources)))
        .ToDictionary(known => known.Item1, known => known.Item2, StringComparer.Ordinal);

    /// <summary>The definition as canonical UTF-8 JSON: equal definitions have equal bytes.</summary>
    public ReadOnlyMemory<byte> Definition => definition ??= ProjectionWriter.Write(this);

    /// <summary>SHA-256 of <see cref="Definition"/>. The definition of a live table has it; another one is a change to apply.</summary>
    public ReadOnlyMemory<byte> Hash => hash ??= SHA256.HashData(Definition.Span);

    /// <summary>Describes a projection in code.</summary>
    /// <param name="name">Lower-case letters, digits and underscores, a letter first, at most 63 characters.</param>
    /// <param name="define">Adds key and columns.</param>
    /// <exception cref="EnrichmentException">The definition is not sound; the message lists every problem.</exception>
    public static Projection Define(string name, Action<ProjectionBuilder> define)
    {
        var builder = new ProjectionBuilder(name);
        define(builder);
        return builder.Build();
    }

    /// <summary>Reads a projection from a UTF-8 JSON file: name, table, key, columns; each column with name, type and sources.</summary>
    /// <exception cref="EnrichmentException">
    /// The file cannot be read, or is not a sound projection; the message says where and how to mend it.
    /// </exception>
    public static Projection Load(string path) => ProjectionReader.Read(DefinitionNode.Load(path));

    /// <summary>Reads a projection from JSON.</summary>
    /// <param name="json">
    /// In the form of <see cref="Definition"/>; table and key may be left out, comments and a comma too many are allowed.
    /// </param>
    /// <param name="source">What errors call the text: mostly a file's name.</param>
    /// <exception cref="EnrichmentException">The text is not a sound projection.</exception>
    public static Projection Parse(string json, string source = "projection") => ProjectionReader.Read(DefinitionNode.Parse(json, source));
}
