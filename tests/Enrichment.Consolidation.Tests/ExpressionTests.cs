using System.Globalization;
using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Tests;

public sealed class ExpressionTests
{
    private static readonly string[] Words =
    [
        "and", "or", "not", "between", "in", "is", "null", "true", "false", "case", "when", "then", "else", "end", "as_of", "where", "by",
        "desc", "date", "any", "all", "count", "first", "min", "max", "list", "coalesce", "substr", "split", "replace", "bucket", "has",
        "round", "n", "big", "none", "x", "huge", "t", "blank", "emoji", "yes", "maybe", "day", "end_of_time", "moment", "feb", "nodate",
        "tags", "jobs", "company", "began", "customers", "domain", "'a'", "''", "'2026-02-28'", "1", "0", "2.5", "99999999999", "months", "days",
        "years", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "||", "(", ")", ",", ";", ".", "'", "\"", "#", "é", "👍", "\0",
    ];

    public static TheoryData<string> Vectors => [.. Lines()];

    // Definitions turn one into the other by its number.
    [Fact]
    public void A_columns_type_has_the_number_of_its_kind()
    {
        Assert.All(Enum.GetValues<ColumnType>(), type => Assert.Equal(type.ToString(), ((ExpressionKind)type).ToString()));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void An_expression_gives_what_its_vector_says(string line)
    {
        using var document = JsonDocument.Parse(line);
        var vector = document.RootElement;
        var text = vector.GetProperty("is").GetString()!;
        if (vector.TryGetProperty("error", out var error))
        {
            var refused = Assert.Throws<EnrichmentException>(() => ComputedExpression.Of("the_column", text, ExpressionGround.Schema));
            Assert.StartsWith("Column 'the_column', at character ", refused.Message, StringComparison.Ordinal);
            Assert.Contains(error.GetString()!, refused.Message, StringComparison.Ordinal);
            return;
        }

        var expression = ComputedExpression.Of("the_column", text, ExpressionGround.Schema);
        var scope = ExpressionGround.Scope();
        var value = ExpressionGround.Format(expression.Value(scope), expression.Type);

        Assert.Equal((vector.GetProperty("type").GetString(), vector.GetProperty("out").GetString()), (expression.Type.ToString(), value));
        Assert.Equal(vector.TryGetProperty("problem", out var problem), scope.Problem is not null);
        Assert.Contains(problem.ValueKind == JsonValueKind.Undefined ? "" : problem.GetString()!, scope.Problem ?? "", StringComparison.Ordinal);
        Assert.Equal(text.Contains("as_of", StringComparison.Ordinal), expression.AsOf is not null);
    }

    [Fact]
    public void No_culture_changes_an_expression()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (var culture in new[] { "tr-TR", "de-DE", "ar-SA", "th-TH" })
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                Assert.All(Lines(), An_expression_gives_what_its_vector_says);
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Any_words_in_any_order_are_an_expression_or_an_error_that_names_the_place()
    {
        var random = new Random(20261130);
        var sound = 0;
        for (var i = 0; i < 100_000; i++)
        {
            sound += Try(string.Join(' ', random.GetItems(Words, random.Next(1, 8)))) ? 1 : 0;
        }

        Assert.InRange(sound, 500, 50_000);
    }

    [Fact]
    public void Any_change_of_a_sound_expression_is_an_expression_or_an_error()
    {
        var random = new Random(20261201);
        var vectors = Lines().Select(line => JsonElement.Parse(line).GetProperty("is").GetString()!).ToArray();
        for (var i = 0; i < 50_000; i++)
        {
            var text = random.GetItems(vectors, 1)[0];
            var at = random.Next(text.Length + 1);
            var other = random.GetItems(vectors, 1)[0];
            Try(random.Next(4) switch
            {
                0 => text[..at],
                1 => text[..at] + (char)random.Next(0x2FF) + text[at..],
                2 => text[..at] + other + text[at..],
                _ => $"{text} and ({other})",
            });
        }
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    [InlineData(3000, false)]
    public void Brackets_are_at_most_32_deep(int depth, bool isSound)
    {
        Assert.Equal(isSound, Try(new string('(', depth) + "n" + new string(')', depth)));
        Assert.Equal(isSound, Try(string.Concat(Enumerable.Repeat("abs(", depth)) + "n" + new string(')', depth)));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(3000, false)]
    public void An_expression_has_at_most_200_parts(int terms, bool isSound) =>
        Assert.Equal(isSound, Try(string.Join(" + ", Enumerable.Repeat("n", terms))));

    [Fact]
    public void A_text_that_grows_beyond_its_bound_is_a_problem()
    {
        var scope = new ExpressionScope { Row = [new string('x', 600_000)] };
        var schema = new ExpressionSchema([("t", ExpressionType.Text)]);

        Assert.Null(ComputedExpression.Of("c", "t || t", schema).Value(scope));
        Assert.Contains("more than 1000000 characters", scope.Problem, StringComparison.Ordinal);
        Assert.Null(ComputedExpression.Of("c", "replace(t, 'x', 'yy')", schema).Value(scope));
    }

    [Theory]
    [InlineData("2023-02-01", "2023-02-01", "2023-02-01")]
    [InlineData("2023/02/01", "2023-02-01", "2023-02-01")]
    [InlineData("2023-02-01T10:00:00Z", "2023-02-01", "2023-02-01")]
    [InlineData("2023-02", "2023-02-01", "2023-02-28")]
    [InlineData("2024-2", "2024-02-01", "2024-02-29")]
    [InlineData("08-2024", "2024-08-01", "2024-08-31")]
    [InlineData("Feb 2023", "2023-02-01", "2023-02-28")]
    [InlineData("december 2023", "2023-12-01", "2023-12-31")]
    [InlineData("2023", "2023-01-01", "2023-12-31")]
    [InlineData("02/01/2023", null, null)]
    [InlineData("2023-13", null, null)]
    [InlineData("13-2023", null, null)]
    [InlineData("00-2023", null, null)]
    [InlineData("2023-02-30", null, null)]
    [InlineData("0000", null, null)]
    [InlineData("Fe 2023", null, null)]
    [InlineData("Febr 2023", null, null)]
    [InlineData("2023/02", null, null)]
    [InlineData("8-2024", null, null)]
    [InlineData("1675209600", null, null)]
    [InlineData("٢٠٢٣", null, null)]
    [InlineData("", null, null)]
    public void A_partial_date_has_a_first_and_a_last_day(string text, string? first, string? last)
    {
        var date = ExpressionGround.Partial(text);

        Assert.Equal(first, date?.First.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Assert.Equal(last, date?.Last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    // Whether it is sound. Its evaluation throws nothing.
    private static bool Try(string text)
    {
        try
        {
            _ = ComputedExpression.Of("c", text, ExpressionGround.Schema).Value(ExpressionGround.Scope());
            return true;
        }
        catch (EnrichmentException exception)
        {
            Assert.StartsWith("Column 'c', at character ", exception.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static IEnumerable<string> Lines()
    {
        using var reader = new StreamReader(
            typeof(ExpressionTests).Assembly.GetManifestResourceStream($"{typeof(ExpressionTests).Namespace}.expressions.jsonl")!);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
