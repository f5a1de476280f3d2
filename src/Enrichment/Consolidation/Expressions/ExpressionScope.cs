using System.Globalization;

namespace Enrichment.Consolidation.Expressions;

/// <summary>The values that an expression sees, and the first problem that it has with them. One thread at a time.</summary>
internal sealed class ExpressionScope
{
    /// <summary>The row's values, as <see cref="ExpressionKind"/> documents them, in the order of the schema.</summary>
    public required IReadOnlyList<object?> Row { get; init; }

    /// <summary>The rows of each child table.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<object?>>> Children { get; init; } = [];

    /// <summary>Whether the column of a list holds a value; null: it is not known yet.</summary>
    public Func<string, string, object, bool?> IsListed { get; init; } = (_, _, _) => false;

    /// <summary>The day from which the reader looks.</summary>
    public DateOnly AsOf { get; init; }

    /// <summary>The row of a child table that is being looked at.</summary>
    public IReadOnlyList<object?> Child { get; set; } = [];

    /// <summary>What could not be computed; null if there is nothing.</summary>
    public string? Problem { get; set; }

    /// <summary>The value that is in no bucket, if that is the problem.</summary>
    public string? UnknownBucket { get; set; }

    /// <summary>Notes that a value is in no bucket.</summary>
    /// <returns>The value of what cannot be computed: null.</returns>
    public object? NoBucket(int at, string value, string problem)
    {
        UnknownBucket = Problem is null ? value : UnknownBucket;
        return Fail(at, problem);
    }

    /// <summary>Notes a problem.</summary>
    /// <returns>The value of what cannot be computed: null.</returns>
    public object? Fail(int at, string problem)
    {
        Problem ??= string.Create(CultureInfo.InvariantCulture, $"{problem}, at character {at + 1}");
        return null;
    }
}
