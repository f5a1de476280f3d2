using System.Globalization;
using System.Text;

namespace Enrichment.Consolidation.Expressions;

internal enum TokenKind
{
    End,
    Word,
    Number,
    Text,
    Sign,
}

/// <summary>A word, a number, a text in quotes or a sign of an expression.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="At">Where it begins, from 0.</param>
/// <param name="Value">Its characters; of a text those between the quotes.</param>
internal readonly record struct ExpressionToken(TokenKind Kind, int At, string Value)
{
    private static readonly string[] Signs = ["<>", "<=", ">=", "||", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",", ";", "."];

    private static readonly Dictionary<string, string> Meant = new(StringComparer.Ordinal)
    {
        ["!="] = "<>", ["=="] = "=", ["&&"] = "and", ["!"] = "not", ["&"] = "and", ["|"] = "||", ["\""] = "'", ["%"] = "a function",
    };

    /// <exception cref="ExpressionException">The text has a character that no expression has.</exception>
    public static List<ExpressionToken> Read(string text)
    {
        var tokens = new List<ExpressionToken>();
        for (var at = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                tokens.Add(new(TokenKind.End, at, ""));
                return tokens;
            }

            var (token, length) = Next(text, at);
            tokens.Add(token);
            at += length;
        }
    }

    /// <summary>The token as messages name it.</summary>
    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the expression",
        TokenKind.Text => $"the text '{Excerpt.Of(Value)}'",
        _ => $"'{Excerpt.Of(Value)}'",
    };

    private static (ExpressionToken Token, int Length) Next(string text, int at)
    {
        var first = text[at];
        if (first == '\'')
        {
            return Quoted(text, at);
        }

        if (char.IsAsciiDigit(first))
        {
            return Number(text, at);
        }

        if (char.IsAsciiLetter(first) || first == '_')
        {
            var end = at;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            var word = text[at..end];
            return word.Any(char.IsAsciiLetterUpper)
                ? throw new ExpressionException(at, $"'{Excerpt.Of(word)}' has capital letters. Write names and words in lower case.")
                : (new(TokenKind.Word, at, word), word.Length);
        }

        var meant = Meant.Keys.FirstOrDefault(sign => string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0);
        return Array.Find(Signs, sign => string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0) is { } known && meant != "=="
            ? (new(TokenKind.Sign, at, known), known.Length)
            : throw new ExpressionException(
                at,
                meant is null
                    ? $"'{(Rune.TryGetRuneAt(text, at, out var rune) ? Excerpt.Of(rune.ToString()) : "?")}' has no meaning in an expression. Put texts between single quotes."
                    : $"'{meant}' has no meaning in an expression. Write {Meant[meant]}.");
    }

    private static (ExpressionToken Token, int Length) Quoted(string text, int at)
    {
        var content = new StringBuilder();
        for (var end = at + 1; end < text.Length; end++)
        {
            if (text[end] != '\'')
            {
                content.Append(text[end]);
            }
            else if (end + 1 < text.Length && text[end + 1] == '\'')
            {
                content.Append('\'');
                end++;
            }
            else
            {
                return (new(TokenKind.Text, at, content.ToString()), end + 1 - at);
            }
        }

        throw new ExpressionException(at, "the text that begins here has no end. Close it with a single quote; write a quote inside it twice.");
    }

    private static (ExpressionToken Token, int Length) Number(string text, int at)
    {
        var end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        if (end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]))
        {
            end++;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }
        }

        if (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_'))
        {
            throw new ExpressionException(
                at,
                string.Create(CultureInfo.InvariantCulture, $"a number ends in '{text[end]}'. Write it in digits with a point; put a space before the next word."));
        }

        return (new(TokenKind.Number, at, text[at..end]), end - at);
    }
}
