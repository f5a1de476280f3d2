using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Enrichment.Conformance;

/// <summary>The few assertions that the suite needs, free of any test framework.</summary>
internal static class Expect
{
    public static void That([DoesNotReturnIf(false)] bool holds, [CallerArgumentExpression(nameof(holds))] string claim = "")
    {
        if (!holds)
        {
            throw new ConformanceException($"Does not hold: {claim}");
        }
    }

    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new ConformanceException(
                $"{what}{Environment.NewLine}  expected {expected?.ToString() ?? "null"}{Environment.NewLine}  but is   {actual?.ToString() ?? "null"}");
        }
    }

    public static void Sequence<T>(
        IEnumerable<T> expected,
        IEnumerable<T> actual,
        [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        var (wanted, seen) = (expected.ToList(), actual.ToList());
        if (!wanted.SequenceEqual(seen))
        {
            var same = wanted.Zip(seen).TakeWhile(pair => EqualityComparer<T>.Default.Equals(pair.First, pair.Second)).Count();
            throw new ConformanceException(
                $"{what}, the first {same} being equal{Environment.NewLine}  expected {Print(wanted, same)}{Environment.NewLine}  but is   {Print(seen, same)}");
        }
    }

    public static void Empty<T>(IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        Sequence([], actual, what);

    public static void Null(object? actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (actual is not null)
        {
            throw new ConformanceException($"{what} should be null but is {actual}");
        }
    }

    public static T Single<T>(IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        var seen = actual.ToList();
        return seen.Count == 1 ? seen[0] : throw new ConformanceException($"{what} should hold one but holds {Print(seen, 0)}");
    }

    public static async Task<TException> ThrowsAsync<TException>(Func<Task> act, [CallerArgumentExpression(nameof(act))] string what = "")
        where TException : Exception
    {
        try
        {
            await act();
        }
        catch (TException exception)
        {
            return exception;
        }

        throw new ConformanceException($"{what} should have thrown {typeof(TException).Name}");
    }

    private static string Print<T>(List<T> items, int from) =>
        items.Count == 0
            ? "nothing"
            : $"{items.Count}: {(from > 0 ? "…, " : "")}{string.Join(", ", items.Skip(from).Take(10))}{(items.Count > from + 10 ? ", …" : "")}";
}
