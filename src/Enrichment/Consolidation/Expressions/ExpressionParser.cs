using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Expressions;

/// <summary>
/// Reads an expression by precedence: or, and, not, comparison, sum, product, sign. README.md of this folder has the grammar.
/// </summary>
internal sealed class ExpressionParser
{
    /// <summary>How deep brackets and calls may be nested.</summary>
    public const int MaxDepth = 32;

    /// <summary>How many parts an expression may have.</summary>
    public const int MaxNodes = 200;

    /// <summary>How long its text may be.</summary>
    public const int MaxLength = 10_000;

    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(
        StringComparer.Ordinal,
        "and", "or", "not", "between", "in", "is", "null", "true", "false", "case", "when", "then", "else", "end", "as_of", "where", "by", "desc");

    private readonly List<ExpressionToken> tokens;
    private int next;
    private int depth;
    private int nodes;

    private ExpressionParser(List<ExpressionToken> tokens) => this.tokens = tokens;

    private ExpressionToken Token => tokens[next];

    /// <exception cref="ExpressionException">The text is no expression.</exception>
    public static ExpressionSyntax Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new ExpressionException(MaxLength, $"the expression has more than {MaxLength} characters. Divide it over several columns.");
        }

        var parser = new ExpressionParser(ExpressionToken.Read(text));
        var expression = parser.Expression();
        return parser.Token.Kind == TokenKind.End
            ? expression
            : throw parser.Expected("an operator such as 'and' or '+', or the end of the expression");
    }

    private ExpressionSyntax Expression() => Logic("or", () => Logic("and", Not));

    private ExpressionSyntax Logic(string word, Func<ExpressionSyntax> part)
    {
        var first = part();
        if (!Is(word))
        {
            return first;
        }

        List<ExpressionSyntax> parts = [first];
        while (Take(word))
        {
            parts.Add(part());
        }

        return Node(new LogicSyntax(first.At, word == "and", parts));
    }

    private ExpressionSyntax Not()
    {
        var at = Token.At;
        return Take("not") ? Node(new NotSyntax(at, Comparison())) : Comparison();
    }

    private ExpressionSyntax Comparison()
    {
        var left = Sum();
        if (Token.Kind == TokenKind.Sign && Token.Value is "=" or "<>" or "<" or "<=" or ">" or ">=")
        {
            var sign = Advance();
            return Node(new BinarySyntax(sign.At, sign.Value, left, Sum()));
        }

        var at = Token.At;
        if (Take("is"))
        {
            var isNot = Take("not");
            Require("null", "'null' or 'not null'");
            return Negated(isNot, new IsNullSyntax(at, left));
        }

        var negated = Is("not") && tokens[next + 1] is { Kind: TokenKind.Word, Value: "between" or "in" } && Take("not");
        if (Take("between"))
        {
            var low = Sum();
            Require("and", "'and' and the upper end of the range");
            return Negated(negated, new BetweenSyntax(at, left, low, Sum()));
        }

        return Take("in") ? Negated(negated, In(at, left)) : left;
    }

    private ExpressionSyntax In(int at, ExpressionSyntax value)
    {
        if (!TakeSign("("))
        {
            var list = Name("a list of values in brackets, or a list and its column, such as customers.domain");
            RequireSign(".", "'.' and the column of the list, such as customers.domain");
            return new InListSyntax(at, value, list.Value, Name("the column of the list").Value);
        }

        var literals = new List<LiteralSyntax>();
        do
        {
            var from = Token.At;
            var minus = TakeSign("-");
            literals.Add(Literal(minus) ?? throw new ExpressionException(from, $"'in' takes literals only, found {Token}. Compare with '=' and 'or' instead."));
        }
        while (TakeSign(","));
        RequireSign(")", "',' and the next value, or ')'");
        return new InSyntax(at, value, literals);
    }

    private ExpressionSyntax Sum() => Chain(["+", "-", "||"], () => Chain(["*", "/"], Unary));

    private ExpressionSyntax Chain(string[] signs, Func<ExpressionSyntax> part)
    {
        var left = part();
        while (Token.Kind == TokenKind.Sign && signs.Contains(Token.Value))
        {
            var sign = Advance();
            left = Node(new BinarySyntax(sign.At, sign.Value, left, part()));
        }

        return left;
    }

    private ExpressionSyntax Unary()
    {
        var at = Token.At;
        return TakeSign("-") ? Node(new MinusSyntax(at, Atom())) : Atom();
    }

    private ExpressionSyntax Atom()
    {
        if (Literal(negative: false) is { } literal)
        {
            return literal;
        }

        var at = Token.At;
        if (TakeSign("("))
        {
            var inner = Nested(Expression);
            RequireSign(")", "an operator, or ')'");
            return inner;
        }

        if (Take("as_of"))
        {
            return Node(new AsOfSyntax(at));
        }

        if (Take("case"))
        {
            return Nested(() => Case(at));
        }

        var name = Name("a column, a literal, a function or '('");
        if (!TakeSign("("))
        {
            return Node(new NameSyntax(at, name.Value));
        }

        return name.Value switch
        {
            "any" or "all" or "count" => Nested(() => Aggregate(name, hasValue: false)),
            "first" or "min" or "max" or "list" => Nested(() => Aggregate(name, hasValue: true)),
            _ => Nested(() => Call(name)),
        };
    }

    private CaseSyntax Case(int at)
    {
        var branches = new List<(ExpressionSyntax, ExpressionSyntax)>();
        while (Take("when"))
        {
            var when = Expression();
            Require("then", "'then' and the value");
            branches.Add((when, Expression()));
        }

        if (branches.Count == 0)
        {
            throw Expected("'when'");
        }

        var otherwise = Take("else") ? Expression() : null;
        Require("end", "'when', 'else' or 'end'");
        return Node(new CaseSyntax(at, branches, otherwise));
    }

    private CallSyntax Call(ExpressionToken name)
    {
        var arguments = new List<ExpressionSyntax>();
        if (!TakeSign(")"))
        {
            do
            {
                arguments.Add(Expression());
            }
            while (TakeSign(","));
            RequireSign(")", "',' and the next argument, or ')'");
        }

        return Node(new CallSyntax(name.At, name.Value, arguments));
    }

    private AggregateSyntax Aggregate(ExpressionToken function, bool hasValue)
    {
        var child = Name("the name of a child table");
        var where = Take("where") ? Expression() : null;
        ExpressionSyntax? value = null;
        ExpressionSyntax? by = null;
        var descending = false;
        if (hasValue)
        {
            RequireSign(";", $"';' and what '{function.Value}' takes of a row");
            value = Expression();
            by = Take("by") ? Expression() : null;
            descending = by is not null && Take("desc");
        }

        RequireSign(")", hasValue ? "'by' and the order, or ')'" : "'where' and a condition, or ')'");
        return Node(new AggregateSyntax(function.At, function.Value, child.Value, where, value, by, descending));
    }

    private LiteralSyntax? Literal(bool negative)
    {
        var token = Token;
        switch (token.Kind)
        {
            case TokenKind.Number:
                next++;
                return Node(NumberLiteral(token, negative));
            case TokenKind.Text when !negative:
                next++;
                return Node(new LiteralSyntax(token.At, ExpressionType.Text, token.Value));
            case TokenKind.Word when !negative && token.Value is "true" or "false":
                next++;
                return Node(new LiteralSyntax(token.At, ExpressionType.Boolean, token.Value == "true"));
            case TokenKind.Word when !negative && token.Value == "null":
                next++;
                return Node(new LiteralSyntax(token.At, ExpressionType.Null, null));
            case TokenKind.Word when !negative && token.Value == "date" && tokens[next + 1].Kind == TokenKind.Text:
                next += 2;
                return Node(DateLiteral(token, tokens[next - 1]));
            default:
                return null;
        }
    }

    private LiteralSyntax NumberLiteral(ExpressionToken token, bool negative)
    {
        var text = negative ? "-" + token.Value : token.Value;
        if (Token is { Kind: TokenKind.Word, Value: "days" or "months" or "years" or "day" or "month" or "year" or "weeks" or "hours" })
        {
            return Duration(token, text, Advance().Value);
        }

        var digits = Encoding.ASCII.GetBytes(text);
        if (!text.Contains('.', StringComparison.Ordinal) && CellNumber.TryInteger(digits, out var integer))
        {
            return new(token.At, ExpressionType.Integer, integer);
        }

        return CellNumber.TryNumber(digits, out var number)
            ? new(token.At, ExpressionType.Number, number)
            : throw new ExpressionException(token.At, $"{token} is no number: it may have {CellNumber.MaxDigits} digits.");
    }

    private static LiteralSyntax Duration(ExpressionToken token, string text, string unit)
    {
        const int most = 4_000_000; // Days: more than the calendar has.
        if (unit is not ("days" or "months" or "years"))
        {
            throw new ExpressionException(token.At, $"'{unit}' is no unit of a duration. Write days, months or years: 1 months, 14 days.");
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var length) && Math.Abs(length) <= most
            ? new(token.At, ExpressionType.Duration, unit switch
            {
                "days" => new CalendarSpan(0, length),
                "months" => new CalendarSpan(length, 0),
                _ => new CalendarSpan(length * 12, 0),
            })
            : throw new ExpressionException(token.At, $"{token} is too long for a duration, or not a whole number. Write at most {most} {unit}.");
    }

    private static LiteralSyntax DateLiteral(ExpressionToken token, ExpressionToken text) =>
        DateOnly.TryParseExact(text.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new(token.At, ExpressionType.Date, day)
            : throw new ExpressionException(text.At, $"{text} is no day. Write date 'YYYY-MM-DD', such as date '2026-02-28'.");

    private ExpressionSyntax Nested(Func<ExpressionSyntax> read)
    {
        if (++depth > MaxDepth)
        {
            throw new ExpressionException(Token.At, $"brackets and calls are nested more than {MaxDepth} deep. Give the inner part a column of its own.");
        }

        var inner = read();
        depth--;
        return inner;
    }

    private ExpressionSyntax Negated(bool negated, ExpressionSyntax operand)
    {
        var node = Node(operand);
        return negated ? Node(new NotSyntax(operand.At, node)) : node;
    }

    private T Node<T>(T node)
        where T : ExpressionSyntax =>
        ++nodes <= MaxNodes
            ? node
            : throw new ExpressionException(node.At, $"the expression has more than {MaxNodes} parts. Divide it over several columns.");

    private bool Is(string word) => Token.Kind == TokenKind.Word && Token.Value == word;

    private bool Take(string word)
    {
        var found = Is(word);
        next += found ? 1 : 0;
        return found;
    }

    private bool TakeSign(string sign)
    {
        var found = Token.Kind == TokenKind.Sign && Token.Value == sign;
        next += found ? 1 : 0;
        return found;
    }

    private void Require(string word, string expected)
    {
        if (!Take(word))
        {
            throw Expected(expected);
        }
    }

    private void RequireSign(string sign, string expected)
    {
        if (!TakeSign(sign))
        {
            throw Expected(expected);
        }
    }

    private ExpressionToken Name(string expected) =>
        Token.Kind == TokenKind.Word && !Reserved.Contains(Token.Value) ? Advance() : throw Expected(expected);

    private ExpressionToken Advance() => tokens[next++];

    private ExpressionException Expected(string expected) => new(Token.At, $"expected {expected}, found {Token}.");
}
