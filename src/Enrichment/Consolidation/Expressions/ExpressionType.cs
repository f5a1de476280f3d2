namespace Enrichment.Consolidation.Expressions;

/// <summary>The kinds of a value in an expression: those of columns, durations, and null, which fits all of them.</summary>
internal enum ExpressionKind
{
    /// <summary>The literal null.</summary>
    Null = 0,

    /// <summary>A <see cref="string"/>.</summary>
    Text = 1,

    /// <summary>A <see cref="long"/>.</summary>
    Integer = 2,

    /// <summary>A <see cref="decimal"/> of at most 28 digits.</summary>
    Number = 3,

    /// <summary>A <see cref="bool"/>; null is unknown.</summary>
    Boolean = 4,

    /// <summary>A <see cref="DateOnly"/>.</summary>
    Date = 5,

    /// <summary>A <see cref="DateTimeOffset"/>.</summary>
    Timestamp = 6,

    /// <summary>An array of <see cref="string"/>.</summary>
    TextList = 7,

    /// <summary>A <see cref="string"/> that holds JSON.</summary>
    Json = 8,

    /// <summary>A <see cref="Expressions.PartialDate"/>.</summary>
    PartialDate = 9,

    /// <summary>The rank in a <see cref="BucketScale"/>; an <see cref="int"/>.</summary>
    Bucket = 10,

    /// <summary>A <see cref="CalendarSpan"/>.</summary>
    Duration = 11,
}

/// <summary>What an expression gives.</summary>
/// <param name="Kind">The kind of its values.</param>
/// <param name="Scale">For a bucket: its scale.</param>
internal readonly record struct ExpressionType(ExpressionKind Kind, BucketScale? Scale = null)
{
    public static readonly ExpressionType Null = new(ExpressionKind.Null);
    public static readonly ExpressionType Text = new(ExpressionKind.Text);
    public static readonly ExpressionType Integer = new(ExpressionKind.Integer);
    public static readonly ExpressionType Number = new(ExpressionKind.Number);
    public static readonly ExpressionType Boolean = new(ExpressionKind.Boolean);
    public static readonly ExpressionType Date = new(ExpressionKind.Date);
    public static readonly ExpressionType TextList = new(ExpressionKind.TextList);
    public static readonly ExpressionType PartialDate = new(ExpressionKind.PartialDate);
    public static readonly ExpressionType Duration = new(ExpressionKind.Duration);

    public bool IsNumeric => Kind is ExpressionKind.Integer or ExpressionKind.Number;

    /// <summary>Whether the kind has an order; durations have none, because months differ in length.</summary>
    public bool IsOrdered =>
        IsNumeric
        || Kind is ExpressionKind.Text or ExpressionKind.Bucket or ExpressionKind.PartialDate or ExpressionKind.Date
            or ExpressionKind.Timestamp;

    /// <summary>With its article, for messages.</summary>
    public string Named => Kind == ExpressionKind.Integer ? $"an {this}" : $"a {this}";

    /// <summary>Its word in messages.</summary>
    public override string ToString() => Kind switch
    {
        ExpressionKind.Bucket => $"bucket '{Scale!.Name}'",
        ExpressionKind.TextList => "text_list",
        ExpressionKind.PartialDate => "partial_date",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
