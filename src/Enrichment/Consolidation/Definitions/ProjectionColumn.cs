using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Definitions;

/// <summary>A typed column: it has sources, or is computed of the row by an expression or a function.</summary>
internal sealed record ProjectionColumn
{
    public ProjectionColumn(string name, ColumnType type, IReadOnlyList<ColumnSource> sources)
    {
        Name = name;
        Type = type;
        Sources = sources;
    }

    /// <param name="name">The column's name.</param>
    /// <param name="expression">Its expression, not checked yet.</param>
    public ProjectionColumn(string name, string expression)
    {
        Name = name;
        Expression = expression;
        Sources = [];
    }

    public ProjectionColumn(string name, ColumnType type, ComputedFunction function)
    {
        Name = name;
        Type = type;
        Function = function;
        Sources = [];
    }

    /// <summary>The column's name in the table and in exports.</summary>
    public string Name { get; }

    /// <summary>What it holds; of an expression what it gives.</summary>
    public ColumnType Type { get; private init; }

    /// <summary>The type as expressions see it.</summary>
    public ExpressionType ExpressionType => Computed?.Type ?? new((ExpressionKind)Type);

    /// <summary>Where its values come from, in order of precedence.</summary>
    public IReadOnlyList<ColumnSource> Sources { get; }

    /// <summary>The expression that computes it; null if there is none.</summary>
    public string? Expression { get; }

    /// <summary>The function that computes it; null if there is none.</summary>
    public ComputedFunction? Function { get; }

    /// <summary>How it is computed, in words: the expression, or the function with its version. Null: it has sources.</summary>
    public string? Formula => Expression ?? Function?.Words;

    /// <summary>The expression or the function, checked; null if it has none, or one that is not sound.</summary>
    public ComputedExpression? Computed { get; private init; }

    /// <summary>Whether it is evaluated with the row. What depends on the reader's day is not.</summary>
    public bool IsCell => Computed is not { AsOf: not null };

    /// <summary>Whether it serves expressions only, and is in no table.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Which of the sources serves.</summary>
    public ChoiceRule Choose { get; init; }

    /// <summary>The form to which each value is brought before it counts; null if text stays as it is.</summary>
    public TextForm? Normalise { get; init; }

    /// <summary>The value if no source serves, as JSON; null if the cell is null then.</summary>
    public string? Default { get; init; }

    /// <summary>Whether a row without a value here has an issue.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether queries find and sort rows by an index of the column.</summary>
    public bool IsIndexed { get; init; }

    /// <summary>Whether queries search the words of the column.</summary>
    public bool IsSearched { get; init; }

    /// <summary>The same column with its checked expression.</summary>
    public ProjectionColumn With(ComputedExpression computed) => this with { Computed = computed, Type = (ColumnType)computed.Type.Kind };
}
