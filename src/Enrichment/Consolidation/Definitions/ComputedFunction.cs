using Enrichment.Consolidation.Expressions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Definitions;

/// <summary>A function of the host that computes a column. Its name and its version are what a definition says of it.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Version">Rises whenever the function gives other values for the same row.</param>
internal sealed record ComputedFunction(string Name, int Version)
{
    private const int MaxTextLength = 1_000_000;

    private static readonly Dictionary<Type, ColumnType> Types = new()
    {
        [typeof(string)] = ColumnType.Text,
        [typeof(int)] = ColumnType.Integer,
        [typeof(long)] = ColumnType.Integer,
        [typeof(decimal)] = ColumnType.Number,
        [typeof(bool)] = ColumnType.Boolean,
        [typeof(DateOnly)] = ColumnType.Date,
        [typeof(DateTimeOffset)] = ColumnType.Timestamp,
        [typeof(string[])] = ColumnType.TextList,
    };

    /// <summary>The function; null if the definition was read, and this host has no such function.</summary>
    public Func<IReadOnlyDictionary<string, object?>, object?>? Run { get; private set; }

    public ComputedFunction(string name, int version, Func<IReadOnlyDictionary<string, object?>, object?> run)
        : this(name, version) => Run = run;

    /// <summary>What it is, for definitions, explanations and messages.</summary>
    public string Words => FormattableString.Invariant($"{Name} {Version}");

    /// <summary>The column's type for what a function returns; null if no column holds that.</summary>
    public static ColumnType? TypeOf(Type returned) =>
        Types.TryGetValue(Nullable.GetUnderlyingType(returned) ?? returned, out var type) ? type : null;

    /// <summary>A column that a function computes.</summary>
    /// <exception cref="EnrichmentException">No column holds what the function returns.</exception>
    public static ProjectionColumn ColumnOf<T>(
        string column, string name, int version, Func<IReadOnlyDictionary<string, object?>, T> compute) =>
        TypeOf(typeof(T)) is { } type
            ? new(column, type, new ComputedFunction(name, version, row => compute(row)))
            : throw new EnrichmentException(
                $"Column '{Excerpt.Of(column)}' cannot hold a {typeof(T).Name}: return a string, long, int, decimal, bool, DateOnly, DateTimeOffset or string[].");

    /// <summary>Takes the functions of a definition that is made in code, which one that was read only names.</summary>
    public static void Lend(Projection from, Projection to)
    {
        foreach (var (_, function) in Of(to).Where(column => column.Function.Run is null))
        {
            function.Run = Of(from)
                .FirstOrDefault(one => (one.Function.Name, one.Function.Version) == (function.Name, function.Version)).Function?.Run;
        }
    }

    /// <summary>The functions of a definition that this host does not have, so that it cannot fill the table.</summary>
    public static IEnumerable<ComputedFunction> Missing(Projection projection) =>
        Of(projection).Select(column => column.Function).Where(function => function.Run is null).Distinct();

    /// <summary>What is said of each column that has such a function.</summary>
    public static IEnumerable<string> Lacks(Projection projection) =>
        Of(projection).Where(column => column.Function.Run is null).Select(column => column.Function.Lack(column.Name));

    /// <exception cref="EnrichmentException">This host does not have the function.</exception>
    public void Require(string column)
    {
        if (Run is null)
        {
            throw new EnrichmentException(Lack(column));
        }
    }

    /// <summary>The value for a row. What the function throws is a problem of the cell, and ends no run.</summary>
    public object? Value(ExpressionScope scope, IReadOnlyDictionary<string, object?> row)
    {
        try
        {
            return Settled(Run!(row));
        }
#pragma warning disable CA1031 // The function is the host's: whatever it throws is about this row.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // Messages of exceptions may quote what is in the row.
            scope.Problem ??= exception is EnrichmentException
                ? $"{Words} {exception.Message}"
                : $"{Words} failed: {exception.GetType().Name}";
            return null;
        }
    }

    /// <summary>A value of the row as <see cref="ProjectedRow.Values"/> documents it.</summary>
    public static object? Shown(object? value, ExpressionType type) => value switch
    {
        PartialDate date => date.ToString(),
        int rank when type.Scale is { } scale => scale.Labels[rank],
        _ => value,
    };

    private string Lack(string column) =>
        $"Column '{column}' is computed by the function '{Name}', version {Version}, which this host does not have. Its table can be read, and not be filled: run it on a host whose projection is defined in code with Compute(\"{column}\", \"{Name}\", {Version}, …), or apply a definition whose functions this host has.";

    private static IEnumerable<(string Name, ComputedFunction Function)> Of(Projection projection) =>
        from column in projection.Declared.Concat(projection.Children.SelectMany(child => child.Columns))
        where column.Function is not null
        select (column.Name, column.Function);

    // As a column holds it.
    private static object? Settled(object? value) => value switch
    {
        int integer => (long)integer,
        decimal number => ExpressionArithmetic.Settled(number) ?? throw new EnrichmentException("gives a number that is too large"),
        string text => Checked(text),
        string[] texts => texts.Where(text => text is not null).Select(Checked).ToArray(),
        DateTimeOffset instant => new DateTimeOffset(
            instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero),
        _ => value,
    };

    private static string Checked(string text) =>
        text.Length > MaxTextLength ? throw new EnrichmentException($"gives a text of more than {MaxTextLength} characters")
        : JsonGate.Refuse(text) is not null ? throw new EnrichmentException("gives a text with NUL or half of a surrogate pair")
        : text;
}
