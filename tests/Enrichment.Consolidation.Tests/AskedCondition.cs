using System.Globalization;
using System.Text;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Tests;

/// <summary>A random condition, and what it means for a row that was read: an opinion that knows no SQL.</summary>
internal sealed record AskedCondition(Condition Condition, Func<AskedRow, bool> Holds)
{
    // Of conditions that are joined by "all": the parts.
    private IReadOnlyList<AskedCondition>? Parts { get; init; }

    /// <summary>The same without the parts that name a column alone.</summary>
    public bool HoldsWithout(string column, AskedRow row) =>
        Parts?.All(part => part.HoldsWithout(column, row)) ?? (Condition.Fields.All(field => field == column) || Holds(row));

    private static readonly string[] Orders = ["lt", "le", "gt", "ge"];

    public static AskedCondition Random(Random random, int depth = 3) => random.Next(depth > 0 ? 10 : 6) switch
    {
        < 5 => Leaf(random, inChild: false),
        5 => Child(random),
        6 => Random(random, depth - 1) is var inner ? new(Condition.Not(inner.Condition), row => !inner.Holds(row)) : null!,
        7 or 8 => Group(random, depth, all: true),
        _ => Group(random, depth, all: false),
    };

    private static AskedCondition Group(Random random, int depth, bool all)
    {
        AskedCondition[] parts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Random(random, depth - 1))];
        return all
            ? new(Condition.All(parts.Select(part => part.Condition)), row => parts.All(part => part.Holds(row))) { Parts = parts }
            : new(Condition.Any(parts.Select(part => part.Condition)), row => parts.Any(part => part.Holds(row)));
    }

    private static AskedCondition Child(Random random)
    {
        var one = Leaf(random, inChild: true);
        var other = Leaf(random, inChild: true);
        var isBoth = random.Next(2) == 0;
        return isBoth
            ? new(
                Condition.Child("jobs", Condition.All(one.Condition, Condition.Not(other.Condition))),
                row => row.Children.Any(child => one.Holds(child) && !other.Holds(child)))
            : new(Condition.Child("jobs", one.Condition), row => row.Children.Any(one.Holds));
    }

    private static AskedCondition Leaf(Random random, bool inChild)
    {
        string[] columns = inChild
            ? ["title", "years", "began"]
            : ["name", "n", "x", "flag", "value", "since", "order", "tags", "doc", "size", "is_new"];
        var column = columns[random.Next(columns.Length)];
        if (column == "doc" || random.Next(8) == 0)
        {
            var exists = random.Next(2) == 0;
            return new(Condition.Exists(column, exists), row => row[column] is not null == exists);
        }

        return column switch
        {
            "name" or "title" => Text(random, column),
            "tags" => List(random, column),
            "n" or "years" => Ordered(random, column, Known(AskedLeads.Wholes), value => value, (a, b) => ((long)a).CompareTo((long)b), value => (decimal)value),
            "x" => Ordered(random, column, Known(AskedLeads.Numbers), value => value, (a, b) => ((decimal)a).CompareTo((decimal)b), value => value),
            "flag" or "is_new" => Truth(random, column),
            "size" => Ordered(
                random,
                column,
                AskedLeads.Labels,
                value => value,
                (a, b) => Array.IndexOf(AskedLeads.Labels, (string)a).CompareTo(Array.IndexOf(AskedLeads.Labels, (string)b)),
                value => value),
            "value" => Ordered(
                random,
                column,
                [.. AskedLeads.Days.OfType<string>()],
                value => DateOnly.Parse(value, CultureInfo.InvariantCulture),
                (a, b) => ((DateOnly)a).CompareTo((DateOnly)b),
                value => value),
            "order" => Ordered(
                random,
                column,
                [.. AskedLeads.Instants.OfType<string>()],
                value => DateTimeOffset.Parse(value, CultureInfo.InvariantCulture),
                (a, b) => ((DateTimeOffset)a).CompareTo((DateTimeOffset)b),
                value => value),
            _ => Partial(random, column),
        };
    }

    private static T[] Known<T>(T?[] values)
        where T : struct => [.. values.OfType<T>()];

    private static AskedCondition Text(Random random, string column)
    {
        string[] texts = [.. AskedLeads.Texts.OfType<string>()];
        if (random.Next(3) == 0)
        {
            string[] runes = [.. texts[random.Next(texts.Length)].EnumerateRunes().Select(rune => rune.ToString())];
            var from = random.Next(runes.Length);
            var part = string.Concat(runes[from..random.Next(from, runes.Length + 1)]);
            part = random.Next(2) == 0 ? part.ToUpperInvariant() : part.ToLowerInvariant();
            return new(
                Condition.Contains(column, part),
                row => row[column] is string text && text.Contains(part, StringComparison.OrdinalIgnoreCase));
        }

        return Ordered(random, column, texts, value => value, (a, b) => AskedLeads.Compare((string)a, (string)b), value => value);
    }

    private static AskedCondition List(Random random, string column)
    {
        string[] values = ["a", "A", "b", "ä", "Z", "it's", "müll", "😀", "none"];
        var value = values[random.Next(values.Length)];
        IReadOnlyList<string> Of(AskedRow row) => (IReadOnlyList<string>?)row[column] ?? [];
        return random.Next(4) switch
        {
            0 => new(Condition.Eq(column, value), row => Of(row).Contains(value)),
            1 => new(Condition.Ne(column, value), row => !Of(row).Contains(value)),
            2 => new(Condition.In(column, value, "b"), row => Of(row).Contains(value) || Of(row).Contains("b")),
            _ => new(Condition.Contains(column, value), row => Of(row).Any(one => one.Contains(value, StringComparison.OrdinalIgnoreCase))),
        };
    }

    private static AskedCondition Truth(Random random, string column)
    {
        var value = random.Next(2) == 0;
        return random.Next(3) switch
        {
            0 => new(Condition.Eq(column, value), row => row[column] is bool truth && truth == value),
            1 => new(Condition.Ne(column, value), row => !(row[column] is bool truth && truth == value)),
            _ => new(Condition.In(column, value, true), row => row[column] is bool truth && (truth == value || truth)),
        };
    }

    private static AskedCondition Ordered<T>(
        Random random, string column, T[] values, Func<T, object> read, Comparison<object> compare, Func<T, ConditionValue> write)
    {
        var (one, other) = (values[random.Next(values.Length)], values[random.Next(values.Length)]);
        Func<AskedRow, bool> Test(Func<object, bool> test) => row => row[column] is { } value && test(value);
        var equal = Test(value => compare(value, read(one)) == 0);
        var (written, order) = (write(one), Orders[random.Next(Orders.Length)]);
        return random.Next(4) switch
        {
            0 => new(Condition.Eq(column, written), equal),
            1 => new(Condition.Ne(column, written), row => !equal(row)),
            2 => new(
                Condition.In(column, written, write(other)),
                Test(value => compare(value, read(one)) == 0 || compare(value, read(other)) == 0)),
            _ => new(Order(column, order, written), Test(value => Fits(order, compare(value, read(one))))),
        };
    }

    private static AskedCondition Partial(Random random, string column)
    {
        string[] values = [.. AskedLeads.Partials.OfType<string>(), "2024", "2026-06"];
        var value = values[random.Next(values.Length)];
        var (first, last) = Span(value);
        Func<AskedRow, bool> Test(Func<DateOnly, DateOnly, bool> test) => row =>
            row[column] is string text && Span(text) is var (from, to) && test(from, to);
        return random.Next(6) switch
        {
            0 => new(Condition.Eq(column, value), Test((from, to) => from == first && to == last)),
            1 => new(Condition.Ne(column, value), row => !Test((from, to) => from == first && to == last)(row)),
            2 => new(Condition.Lt(column, value), Test((_, to) => to < first)),
            3 => new(Condition.Le(column, value), Test((_, to) => to <= last)),
            4 => new(Condition.Gt(column, value), Test((from, _) => from > last)),
            _ => new(Condition.Ge(column, value), Test((from, _) => from >= first)),
        };
    }

    /// <summary>The days that a text such as 2023-02 may mean.</summary>
    public static (DateOnly First, DateOnly Last) Span(string text)
    {
        int[] parts = [.. text.Split('-').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        return parts switch
        {
            [var year] => (new(year, 1, 1), new(year, 12, 31)),
            [var year, var month] => (new(year, month, 1), new DateOnly(year, month, 1).AddMonths(1).AddDays(-1)),
            _ => (new(parts[0], parts[1], parts[2]), new(parts[0], parts[1], parts[2])),
        };
    }

    private static bool Fits(string order, int compared) => order switch
    {
        "lt" => compared < 0,
        "le" => compared <= 0,
        "gt" => compared > 0,
        _ => compared >= 0,
    };

    private static Condition Order(string column, string order, ConditionValue value) => order switch
    {
        "lt" => Condition.Lt(column, value),
        "le" => Condition.Le(column, value),
        "gt" => Condition.Gt(column, value),
        _ => Condition.Ge(column, value),
    };
}
