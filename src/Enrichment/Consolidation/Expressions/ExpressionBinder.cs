namespace Enrichment.Consolidation.Expressions;

/// <summary>Checks the types of an expression against the declared columns, and makes it computable.</summary>
internal sealed partial class ExpressionBinder(ExpressionSchema schema)
{
    private ExpressionTable? child;

    /// <summary>The columns of the row that the expression names.</summary>
    public HashSet<string> Columns { get; } = new(StringComparer.Ordinal);

    /// <summary>The child tables that the expression names.</summary>
    public HashSet<string> Children { get; } = new(StringComparer.Ordinal);

    /// <summary>The lists that the expression names.</summary>
    public HashSet<string> Lists { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it depends on the day from which the reader looks.</summary>
    public bool UsesAsOf { get; private set; }

    /// <exception cref="ExpressionException">A name is not known, or types do not fit.</exception>
    public BoundExpression Bind(ExpressionSyntax syntax) => syntax switch
    {
        LiteralSyntax literal => new(literal, literal.Type, _ => literal.Value),
        NameSyntax name => Name(name),
        AsOfSyntax asOf => AsOf(asOf),
        NotSyntax not => Not(not, Boolean(not.Operand, "not")),
        LogicSyntax logic => Logic(logic),
        MinusSyntax minus => Minus(minus, Bind(minus.Operand)),
        BinarySyntax { Sign: "+" or "-" or "*" or "/" or "||" } binary => Calculation(binary, Bind(binary.Left), Bind(binary.Right)),
        BinarySyntax binary => Comparison(binary, binary.Sign, Bind(binary.Left), Bind(binary.Right)),
        BetweenSyntax between => Between(between),
        InSyntax within => In(within),
        InListSyntax within => InList(within, Bind(within.Value)),
        IsNullSyntax isNull => IsNull(isNull, Bind(isNull.Value)),
        CaseSyntax branches => Case(branches),
        CallSyntax call => ExpressionFunctions.Bind(this, schema, call),
        AggregateSyntax aggregate => Aggregate(aggregate),
        _ => throw new InvalidOperationException($"{syntax.GetType()} is no part of an expression."),
    };

    /// <summary>The same type for all of them; integers become numbers if one of them is a number.</summary>
    public static IReadOnlyList<BoundExpression> Unified(int at, string what, IReadOnlyList<BoundExpression> parts)
    {
        List<BoundExpression> typed = [.. parts.Where(part => part.Type.Kind != ExpressionKind.Null)];
        if (typed.Count == 0)
        {
            throw new ExpressionException(at, $"'{what}' has no value but null. Give it one.");
        }

        var widens = typed.All(part => part.Type.IsNumeric) && typed.Any(part => part.Type.Kind == ExpressionKind.Number);
        var type = widens ? ExpressionType.Number : typed[0].Type;
        List<BoundExpression> unified =
        [
            .. parts.Select(part => part.Type.Kind == ExpressionKind.Null ? part with { Type = type } : widens ? part.Widened() : part),
        ];
        return unified.Find(part => part.Type != type) is { } other
            ? throw new ExpressionException(other.At, $"'{what}' has {type.Named} before and {other.Type.Named} here. Make them one type.")
            : unified;
    }

    private BoundExpression Name(NameSyntax name)
    {
        if (child is not null && Position(child.Columns, name.Name) is >= 0 and var inner)
        {
            return new(name, child.Columns[inner].Type, scope => scope.Child[inner]);
        }

        var position = Position(schema.Columns, name.Name);
        if (position < 0)
        {
            var known = schema.Columns.Concat(child?.Columns ?? []).Select(column => column.Name).Where(column => column.Length > 0);
            throw new ExpressionException(
                name.At,
                $"'{Excerpt.Of(name.Name)}' is no stored column with sources, and none that is computed before.{Nearest.Hint(name.Name, known)} Correct the name, declare it before, or put a text between single quotes.");
        }

        Columns.Add(name.Name);
        return new(name, schema.Columns[position].Type, scope => scope.Row[position]);
    }

    private BoundExpression AsOf(AsOfSyntax asOf)
    {
        UsesAsOf = true;
        return new(asOf, ExpressionType.Date, scope => scope.AsOf);
    }

    private BoundExpression Boolean(ExpressionSyntax syntax, string what) =>
        Bind(syntax) is var bound && bound.Type.Kind is ExpressionKind.Boolean or ExpressionKind.Null
            ? bound
            : throw new ExpressionException(bound.At, $"'{what}' takes true or false, found {bound.Type.Named}. Compare it with a value.");

    private static BoundExpression Not(ExpressionSyntax syntax, BoundExpression operand)
    {
        var value = operand.Value;
        return new(syntax, ExpressionType.Boolean, scope => value(scope) is bool truth ? BoundExpression.Truth(!truth) : null);
    }

    private BoundExpression Logic(LogicSyntax logic)
    {
        var parts = logic.Parts.Select(part => Boolean(part, logic.IsAnd ? "and" : "or").Value).ToArray();
        var decides = !logic.IsAnd;
        return new(logic, ExpressionType.Boolean, scope =>
        {
            var result = BoundExpression.Truth(!decides);
            foreach (var part in parts)
            {
                switch (part(scope))
                {
                    case null:
                        result = null;
                        break;
                    case bool truth when truth == decides:
                        return BoundExpression.Truth(decides);
                }
            }

            return result;
        });
    }

    private static BoundExpression Minus(MinusSyntax minus, BoundExpression operand)
    {
        var value = operand.Value;
        return operand.Type.Kind switch
        {
            ExpressionKind.Integer => new(minus, operand.Type, scope =>
                value(scope) is long known ? ExpressionArithmetic.Integers(scope, minus.At, "-", 0, known) : null),
            ExpressionKind.Number => operand.As(operand.Type, known => -(decimal)known),
            ExpressionKind.Duration => operand.As(operand.Type, known => ((CalendarSpan)known).Negated),
            _ => throw new ExpressionException(minus.At, $"'-' takes a number or a duration, found {operand.Type.Named}."),
        };
    }

    private static BoundExpression Calculation(BinarySyntax binary, BoundExpression left, BoundExpression right)
    {
        var (sign, at) = (binary.Sign, binary.At);
        if (left.Type.IsNumeric && right.Type.IsNumeric && sign != "||")
        {
            return left.Type.Kind == ExpressionKind.Integer && right.Type.Kind == ExpressionKind.Integer && sign != "/"
                ? Both<long, long>(binary, left, right, left.Type, (scope, a, b) => ExpressionArithmetic.Integers(scope, at, sign, a, b))
                : Both<decimal, decimal>(
                    binary,
                    left.Widened(),
                    right.Widened(),
                    ExpressionType.Number,
                    (scope, a, b) => ExpressionArithmetic.Numbers(scope, at, sign, a, b));
        }

        var isText = left.Type.Kind == ExpressionKind.Text && right.Type.Kind == ExpressionKind.Text;
        var isLater = right.Type.Kind == ExpressionKind.Duration && left.Type.Kind
            is ExpressionKind.Date or ExpressionKind.Timestamp or ExpressionKind.PartialDate or ExpressionKind.Duration;
        return sign switch
        {
            "||" when isText => Both<string, string>(
                binary,
                left,
                right,
                ExpressionType.Text,
                (scope, a, b) => ExpressionArithmetic.Joined(scope, at, a, b)),
            "+" or "-" when isLater => Both<object, CalendarSpan>(
                binary,
                left,
                right,
                left.Type,
                (scope, date, span) => ExpressionArithmetic.Later(scope, at, date, sign == "-" ? span.Negated : span)),
            _ => throw new ExpressionException(
                at,
                $"'{sign}' cannot have {left.Type.Named} before and {right.Type.Named} after it. {Hint(sign, left.Type, right.Type)}"),
        };
    }

    private static string Hint(string sign, ExpressionType left, ExpressionType right) => (sign, left.Kind, right.Kind) switch
    {
        ("-", ExpressionKind.Date, ExpressionKind.Date) => "Use days_between(from, to).",
        ("+", ExpressionKind.Text, _) or ("+", _, ExpressionKind.Text) => "Join texts with '||'.",
        ("+", ExpressionKind.Duration, _) => "Write the date first, then the duration.",
        ("+" or "-", ExpressionKind.Date or ExpressionKind.Timestamp or ExpressionKind.PartialDate, _) =>
            "Add a duration, such as 6 months.",
        ("||", _, _) => "'||' joins texts.",
        _ => "It calculates with numbers.",
    };

    /// <summary>Null if one of the two is null.</summary>
    private static BoundExpression Both<TLeft, TRight>(
        ExpressionSyntax syntax,
        BoundExpression left,
        BoundExpression right,
        ExpressionType type,
        Func<ExpressionScope, TLeft, TRight, object?> value)
    {
        var (first, second) = (left.Value, right.Value);
        return new(syntax, type, scope => first(scope) is { } a && second(scope) is { } b ? value(scope, (TLeft)a, (TRight)b) : null);
    }

    private static BoundExpression IsNull(IsNullSyntax syntax, BoundExpression operand)
    {
        var value = operand.Value;
        return new(syntax, ExpressionType.Boolean, scope => BoundExpression.Truth(value(scope) is null));
    }

    private BoundExpression Case(CaseSyntax branches)
    {
        var whens = branches.Branches.Select(branch => Boolean(branch.When, "when").Value).ToArray();
        List<BoundExpression> thens = [.. branches.Branches.Select(branch => Bind(branch.Then))];
        if (branches.Else is { } otherwise)
        {
            thens.Add(Bind(otherwise));
        }

        var unified = Unified(branches.At, "case", thens);
        var values = unified.Select(then => then.Value).ToArray();
        return new(branches, unified[0].Type, scope =>
        {
            for (var i = 0; i < whens.Length; i++)
            {
                if (whens[i](scope) is true)
                {
                    return values[i](scope);
                }
            }

            return values.Length > whens.Length ? values[^1](scope) : null;
        });
    }

    private static int Position(IReadOnlyList<(string Name, ExpressionType Type)> columns, string name)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
