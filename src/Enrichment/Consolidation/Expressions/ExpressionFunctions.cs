using System.Text;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Normalization;

namespace Enrichment.Consolidation.Expressions;

/// <summary>The functions of expressions, a closed set.</summary>
internal static class ExpressionFunctions
{
    private const ExpressionKind Text = ExpressionKind.Text;
    private const ExpressionKind Integer = ExpressionKind.Integer;
    private const ExpressionKind Number = ExpressionKind.Number;
    private const ExpressionKind Date = ExpressionKind.Date;
    private const ExpressionKind Timestamp = ExpressionKind.Timestamp;
    private const ExpressionKind Partial = ExpressionKind.PartialDate;
    private const ExpressionKind List = ExpressionKind.TextList;

    private static readonly Function[] Simple =
    [
        new("trim", [Text], ExpressionType.Text, (_, a) => ((string)a[0]).Trim()),
        new("lower", [Text], ExpressionType.Text, (_, a) => ((string)a[0]).ToLowerInvariant()),
        new("upper", [Text], ExpressionType.Text, (_, a) => ((string)a[0]).ToUpperInvariant()),
        new("length", [Text], ExpressionType.Integer, (_, a) => (long)((string)a[0]).EnumerateRunes().Count()),
        new("substr", [Text, Integer], ExpressionType.Text, (_, a) => Part((string)a[0], (long)a[1], long.MaxValue)),
        new("substr", [Text, Integer, Integer], ExpressionType.Text, (call, a) =>
            (long)a[2] < 0 ? call.Fail("'substr' has a negative length") : Part((string)a[0], (long)a[1], (long)a[2])),
        new("replace", [Text, Text, Text], ExpressionType.Text, (call, a) => Replaced(call, (string)a[0], (string)a[1], (string)a[2])),
        new("split", [Text, Text], ExpressionType.TextList, (_, a) => Parts((string)a[0], (string)a[1])),
        new("split", [Text, Text, Integer], ExpressionType.Text, (_, a) => At(Parts((string)a[0], (string)a[1]), (long)a[2])),
        new("starts", [Text, Text], ExpressionType.Boolean, (_, a) => Truth(((string)a[0]).StartsWith((string)a[1], StringComparison.Ordinal))),
        new("ends", [Text, Text], ExpressionType.Boolean, (_, a) => Truth(((string)a[0]).EndsWith((string)a[1], StringComparison.Ordinal))),
        new("contains", [Text, Text], ExpressionType.Boolean, (_, a) => Truth(((string)a[0]).Contains((string)a[1], StringComparison.Ordinal))),
        new("fold", [Text], ExpressionType.Text, (_, a) => FoldedText.Of((string)a[0])),
        new("domain", [Text], ExpressionType.Text, (_, a) => Domain.TryParse((string)a[0], out var domain) ? domain.Value : null),
        new("abs", [Integer], ExpressionType.Integer, (call, a) =>
            (long)a[0] >= 0 ? a[0] : ExpressionArithmetic.Integers(call.Scope, call.At, "-", 0, (long)a[0])),
        new("abs", [Number], ExpressionType.Number, (_, a) => Math.Abs((decimal)a[0])),
        new("round", [Integer], ExpressionType.Integer, (_, a) => a[0]),
        new("round", [Number], ExpressionType.Number, (_, a) => decimal.Round((decimal)a[0], 0, MidpointRounding.AwayFromZero)),
        new("round", [Number, Integer], ExpressionType.Number, (call, a) => (long)a[1] is >= 0 and <= 28 and var digits
            ? decimal.Round((decimal)a[0], (int)digits, MidpointRounding.AwayFromZero)
            : call.Fail("'round' takes 0 to 28 digits")),
        new("floor", [Integer], ExpressionType.Integer, (_, a) => a[0]),
        new("floor", [Number], ExpressionType.Number, (_, a) => decimal.Floor((decimal)a[0])),
        new("year", [Date], ExpressionType.Integer, (_, a) => (long)((DateOnly)a[0]).Year),
        new("year", [Timestamp], ExpressionType.Integer, (_, a) => (long)((DateTimeOffset)a[0]).UtcDateTime.Year),
        new("year", [Partial], ExpressionType.Integer, (_, a) =>
            (PartialDate)a[0] is var date && date.First.Year == date.Last.Year ? (long)date.First.Year : null),
        new("month", [Date], ExpressionType.Integer, (_, a) => (long)((DateOnly)a[0]).Month),
        new("month", [Timestamp], ExpressionType.Integer, (_, a) => (long)((DateTimeOffset)a[0]).UtcDateTime.Month),
        new("month", [Partial], ExpressionType.Integer, (_, a) =>
            (PartialDate)a[0] is var date && (date.First.Year, date.First.Month) == (date.Last.Year, date.Last.Month)
                ? (long)date.First.Month
                : null),
        new("days_between", [Date, Date], ExpressionType.Integer, (_, a) => (long)((DateOnly)a[1]).DayNumber - ((DateOnly)a[0]).DayNumber),
        new("earliest", [Partial], ExpressionType.Date, (_, a) => ((PartialDate)a[0]).First),
        new("latest", [Partial], ExpressionType.Date, (_, a) => ((PartialDate)a[0]).Last),
        new("precision", [Partial], ExpressionType.Text, (_, a) => ((PartialDate)a[0]).Precision),
        new("size", [List], ExpressionType.Integer, (_, a) => (long)((string[])a[0]).Length),
        new("has", [List, Text], ExpressionType.Boolean, (_, a) => Truth(((string[])a[0]).Contains((string)a[1], StringComparer.Ordinal))),
    ];

    private static readonly string[] Names =
        [.. Simple.Select(function => function.Name).Concat(["coalesce", "least", "greatest", "bucket"]).Distinct().Order(StringComparer.Ordinal)];

    /// <exception cref="ExpressionException">There is no such function, or it takes other arguments.</exception>
    public static BoundExpression Bind(ExpressionBinder binder, ExpressionSchema schema, CallSyntax call)
    {
        if (call.Function == "bucket")
        {
            return Bucket(binder, schema, call);
        }

        List<BoundExpression> arguments = [.. call.Arguments.Select(binder.Bind)];
        return call.Function switch
        {
            "coalesce" => Coalesce(call, arguments),
            "least" => Extreme(call, arguments, -1),
            "greatest" => Extreme(call, arguments, 1),
            _ => Find(call, arguments),
        };
    }

    private static BoundExpression Find(CallSyntax call, List<BoundExpression> arguments)
    {
        var named = Simple.Where(function => function.Name == call.Function).ToList();
        if (named.Count == 0)
        {
            throw new ExpressionException(
                call.At,
                $"'{Excerpt.Of(call.Function)}' is no function.{Nearest.Hint(call.Function, Names)} Known: {string.Join(", ", Names)}.");
        }

        var function = named.Find(function => function.Fits(arguments, widening: false))
            ?? named.Find(function => function.Fits(arguments, widening: true))
            ?? throw new ExpressionException(
                call.At,
                $"'{call.Function}' does not take ({string.Join(", ", arguments.Select(argument => argument.Type))}). Write {string.Join(" or ", named)}.");
        var values = arguments
            .Zip(function.Parameters, (argument, kind) => (kind == Number ? argument.Widened() : argument).Value)
            .ToArray();
        var compute = function.Value;
        return new(call, function.Result, scope =>
        {
            var known = new object[values.Length];
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i](scope) is not { } value)
                {
                    return null;
                }

                known[i] = value;
            }

            return compute(new(scope, call.At), known);
        });
    }

    private static BoundExpression Coalesce(CallSyntax call, List<BoundExpression> arguments)
    {
        var unified = Several(call, arguments);
        var values = unified.Select(argument => argument.Value).ToArray();
        return new(call, unified[0].Type, scope =>
        {
            foreach (var value in values)
            {
                if (value(scope) is { } known)
                {
                    return known;
                }
            }

            return null;
        });
    }

    private static BoundExpression Extreme(CallSyntax call, List<BoundExpression> arguments, int sign)
    {
        var unified = Several(call, arguments);
        if (!unified[0].Type.IsOrdered || unified[0].Type.Kind == Partial)
        {
            throw new ExpressionException(call.At, $"'{call.Function}' takes values that have an order, found {unified[0].Type.Named}.");
        }

        var values = unified.Select(argument => argument.Value).ToArray();
        return new(call, unified[0].Type, scope =>
        {
            object? extreme = null;
            foreach (var value in values)
            {
                if (value(scope) is not { } known)
                {
                    return null;
                }

                extreme = extreme is null || sign * ExpressionComparison.Order(known, extreme) > 0 ? known : extreme;
            }

            return extreme;
        });
    }

    private static IReadOnlyList<BoundExpression> Several(CallSyntax call, List<BoundExpression> arguments) =>
        arguments.Count >= 2
            ? ExpressionBinder.Unified(call.At, call.Function, arguments)
            : throw new ExpressionException(call.At, $"'{call.Function}' takes two or more values. Write {call.Function}(a, b).");

    private static BoundExpression Bucket(ExpressionBinder binder, ExpressionSchema schema, CallSyntax call)
    {
        if (call.Arguments is not [LiteralSyntax { Value: string name }, var asked])
        {
            throw new ExpressionException(call.At, "'bucket' takes the name of a scale between quotes, and a value. Write bucket('size', employees).");
        }

        var scale = schema.Buckets.FirstOrDefault(known => known.Name == name)
            ?? throw new ExpressionException(
                call.Arguments[0].At,
                $"'{Excerpt.Of(name)}' is no scale of buckets.{Nearest.Hint(name, schema.Buckets.Select(known => known.Name))} Declare it under 'buckets'.");
        var argument = binder.Bind(asked);
        if (argument.Type.Kind != Text && !(argument.Type.IsNumeric && scale.UpTo.Count > 0))
        {
            throw new ExpressionException(
                argument.At,
                $"{argument.Type.Named} has no bucket of '{name}'. {(argument.Type.IsNumeric ? "Give the scale 'upTo'." : "Buckets are of texts and numbers.")}");
        }

        var value = argument.Widened().Value;
        return new(call, new(ExpressionKind.Bucket, scale), scope => value(scope) switch
        {
            null => null,
            string text => scale.RankOf(text) ?? scope.NoBucket(
                call.At, CellText.Beginning(Encoding.UTF8.GetBytes(text), SourcedCells.ShownCharacters), $"'{Excerpt.Of(text)}' is in no bucket of '{name}'"),
            decimal number => scale.RankOf(number)
                ?? scope.NoBucket(call.At, CellNumber.Format(number), $"{CellNumber.Format(number)} is in no bucket of '{name}'"),
            var other => throw new InvalidOperationException($"{other.GetType()} has no bucket."),
        });
    }

    private static object? Truth(bool value) => BoundExpression.Truth(value);

    // As SQL counts: from 1, in characters; what lies before the first is not there.
    private static string Part(string text, long start, long length)
    {
        var end = length > long.MaxValue - Math.Max(start, 0) ? long.MaxValue : start + length;
        var part = new StringBuilder();
        var position = 0L;
        foreach (var rune in text.EnumerateRunes())
        {
            position++;
            if (position >= end)
            {
                break;
            }

            if (position >= start)
            {
                part.Append(rune.ToString());
            }
        }

        return part.ToString();
    }

    private static object? Replaced(FunctionCall call, string text, string from, string to)
    {
        if (from.Length == 0)
        {
            return text;
        }

        var length = text.Length + ((long)text.AsSpan().Count(from) * (to.Length - from.Length));
        return length <= ExpressionArithmetic.MaxText
            ? text.Replace(from, to, StringComparison.Ordinal)
            : call.Fail($"'replace' makes a text of more than {ExpressionArithmetic.MaxText} characters");
    }

    private static string[] Parts(string text, string separator) =>
        separator.Length == 0 ? [text] : text.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // From 1, or from -1 backwards.
    private static string? At(string[] parts, long number) =>
        number > 0 && number <= parts.Length ? parts[number - 1]
        : number < 0 && number >= -parts.Length ? parts[parts.Length + number]
        : null;

    /// <summary>Where and for whom a function runs.</summary>
    private readonly record struct FunctionCall(ExpressionScope Scope, int At)
    {
        public object? Fail(string problem) => Scope.Fail(At, problem);
    }

    /// <summary>A function whose parameters have fixed types. It is null where an argument is null.</summary>
    private sealed record Function(
        string Name,
        ExpressionKind[] Parameters,
        ExpressionType Result,
        Func<FunctionCall, object[], object?> Value)
    {
        public bool Fits(List<BoundExpression> arguments, bool widening) =>
            arguments.Count == Parameters.Length
            && arguments.Zip(Parameters).All(pair =>
                pair.First.Type.Kind == pair.Second || (widening && pair is { First.Type.Kind: Integer, Second: Number }));

        public override string ToString() =>
            $"{Name}({string.Join(", ", Parameters.Select(kind => new ExpressionType(kind)))})";
    }
}
