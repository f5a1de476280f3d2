using System.Globalization;
using System.Text;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Tests;

/// <summary>The row that expressions of the tests see.</summary>
internal static class ExpressionGround
{
    public static readonly DateOnly AsOf = new(2026, 11, 30);

    private static readonly (string Name, ExpressionType Type, object? Value)[] Columns =
    [
        ("n", ExpressionType.Integer, 7L),
        ("big", ExpressionType.Integer, long.MaxValue),
        ("none", ExpressionType.Integer, null),
        ("x", ExpressionType.Number, 2.5m),
        ("huge", ExpressionType.Number, 9999999999999999999999999999m),
        ("t", ExpressionType.Text, "Acme Ltd"),
        ("blank", ExpressionType.Text, null),
        ("accent", ExpressionType.Text, "Ünïcode Straße"),
        ("emoji", ExpressionType.Text, "👍a"),
        ("staff", ExpressionType.Text, "2-10 employees"),
        ("headcount", ExpressionType.Integer, 120L),
        ("yes", ExpressionType.Boolean, true),
        ("no", ExpressionType.Boolean, false),
        ("maybe", ExpressionType.Boolean, null),
        ("day", ExpressionType.Date, new DateOnly(2026, 1, 31)),
        ("leap", ExpressionType.Date, new DateOnly(2024, 2, 29)),
        ("end_of_time", ExpressionType.Date, DateOnly.MaxValue),
        ("moment", new(ExpressionKind.Timestamp), new DateTimeOffset(2026, 1, 31, 10, 30, 0, TimeSpan.Zero)),
        ("feb", ExpressionType.PartialDate, Partial("2023-02")),
        ("y23", ExpressionType.PartialDate, Partial("2023")),
        ("exact", ExpressionType.PartialDate, Partial("2023-02-01")),
        ("nodate", ExpressionType.PartialDate, null),
        ("tags", ExpressionType.TextList, new[] { "Software", "AI" }),
        ("doc", new(ExpressionKind.Json), "{}"),
    ];

    private static readonly object?[][] Jobs =
    [
        ["globex.com", "Intern", new DateOnly(2015, 1, 1), false],
        ["acme.com", "Engineer", new DateOnly(2018, 3, 1), false],
        ["initech.com", "CTO", new DateOnly(2024, 5, 1), true],
        [null, "Advisor", null, null],
    ];

    public static ExpressionSchema Schema { get; } = new([.. Columns.Select(column => (column.Name, column.Type))])
    {
        Children =
        [
            new(
                "jobs",
                [
                    ("company", ExpressionType.Text),
                    ("title", ExpressionType.Text),
                    ("began", ExpressionType.Date),
                    ("is_current", ExpressionType.Boolean),
                ]),
            new("schools", [("name", ExpressionType.Text)]),
        ],
        Lists = [new("customers", [("domain", ExpressionType.Text)])],
        Buckets =
        [
            new(
                "size",
                ["1-50", "51-200", "201+"],
                new Dictionary<string, string> { ["2-10 employees"] = "1-50" },
                [(50, "1-50"), (200, "51-200")]),
        ],
    };

    public static ExpressionScope Scope() => new()
    {
        Row = [.. Columns.Select(column => column.Value)],
        Children = [Jobs, []],
        IsListed = (_, _, value) => value is "acme.com" or "globex.com",
        AsOf = AsOf,
    };

    public static PartialDate? Partial(string text) => PartialDate.TryParse(Encoding.UTF8.GetBytes(text), out var date) ? date : null;

    public static string? Format(object? value, ExpressionType type) => value switch
    {
        null => null,
        bool truth => truth ? "true" : "false",
        int rank => type.Scale!.Labels[rank],
        decimal number => CellNumber.Format(number),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset instant => instant.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        string[] list => string.Join('|', list),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
