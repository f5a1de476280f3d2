using System.Text;
using CsCheck;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Tests.Execution;

namespace Enrichment.Tests.Pipelines;

public class ConditionTests
{
    private static readonly Gen<string> Field = Gen.OneOf("a", "b", "person.email", "c_1.d");

    private static readonly Gen<ConditionValue> Value = Gen.OneOf(
        Gen.String[Gen.Char.Where(c => !char.IsSurrogate(c) && c != '\0'), 0, 8].Select(text => (ConditionValue)text),
        Gen.OneOf("1", "1.0", "-0", "1e2", "007", "x", "", "true", "😀").Select(text => (ConditionValue)text),
        Gen.Decimal.Select(number => (ConditionValue)number),
        Gen.Bool.Select(flag => (ConditionValue)flag));

    private static readonly Gen<Condition> AnyCondition = Gen.Recursive<Condition>((depth, inner) =>
    {
        var leaf = Gen.OneOf(
            Gen.Select(Field, Gen.Bool, Condition.Exists),
            Gen.Select(Field, Value, Gen.Int[0, 5], Compare),
            Gen.Select(Field, Gen.OneOf("", "A", "😀", "ß"), Condition.Contains),
            Gen.Select(Field, Value.Array[1, 4], (field, values) => Condition.In(field, values)));
        return depth > 3 ? leaf : Gen.OneOf(
            leaf,
            inner.Array[1, 3].Select(all => Condition.All(all)),
            inner.Array[1, 3].Select(any => Condition.Any(any)),
            inner.Select(Condition.Not));
    });

    private static readonly Gen<string> Json = Gen.Recursive<string>(
        (depth, inner) =>
        {
            var scalar = Gen.OneOf(
                "null",
                "true",
                "false",
                "0",
                "-1.50",
                "1e2",
                "1e400",
                "\"\"",
                "\" \"",
                "\"1.5\"",
                "\"007\"",
                "\"A\"",
                "\"\\ud83d\\ude00\"",
                "\"x\\ny\"",
                "123456789012345678901234567890123");
            return depth > 2
                ? scalar
                : Gen.OneOf(
                    scalar,
                    inner.Array[0, 3].Select(elements => $"[{string.Join(",", elements)}]"),
                    inner.Select(element => $"{{\"k\":{element}}}"));
        });

    private static readonly Gen<ItemRecord> AnyRecord = Gen.Select(
        Json,
        Json,
        Json,
        (a, b, email) => Records.Of($$"""{"a":{{a}},"b":{{b}},"person.email":{{email}}}"""));

    [Fact]
    public void A_condition_comes_back_from_its_JSON_as_it_was() => AnyCondition.Sample(condition =>
    {
        var back = Condition.Parse(condition.ToString());
        return back.Equals(condition) && back.GetHashCode() == condition.GetHashCode() && back.Fields.SequenceEqual(condition.Fields);
    });

    [Fact]
    public void A_condition_and_its_copy_decide_alike_and_never_throw() => Gen.Select(AnyCondition, AnyRecord).Sample((condition, record) =>
        condition.Holds(record) == Condition.Parse(condition.ToString()).Holds(record)
        && condition.Holds(record) != Condition.Not(condition).Holds(record));

    [Fact]
    public void Ne_is_the_opposite_of_eq_and_in_is_any_of_eq() =>
        Gen.Select(Field, Value.Array[1, 4], AnyRecord)
            .Sample(
                (field, values, record) =>
                    Condition.Ne(field, values[0]).Holds(record) != Condition.Eq(field, values[0]).Holds(record)
                    && Condition.In(field, values).Holds(record)
                        == Condition.Any(values.Select(value => Condition.Eq(field, value))).Holds(record));

    [Theory]
    [InlineData("""{"field":"absent","exists":true}""", false)]
    [InlineData("""{"field":"absent","exists":false}""", true)]
    [InlineData("""{"field":"nothing","exists":false}""", true)]
    [InlineData("""{"field":"empty","exists":true}""", true)]
    [InlineData("""{"field":"absent","eq":"x"}""", false)]
    [InlineData("""{"field":"absent","ne":"x"}""", true)]
    [InlineData("""{"field":"absent","lt":1}""", false)]
    [InlineData("""{"field":"absent","ge":1}""", false)]
    [InlineData("""{"field":"absent","contains":""}""", false)]
    [InlineData("""{"field":"absent","in":["x"]}""", false)]
    [InlineData("""{"field":"count","eq":"67"}""", true)]
    [InlineData("""{"field":"count","eq":67}""", true)]
    [InlineData("""{"field":"count","gt":9}""", true)]
    [InlineData("""{"field":"count","gt":"9"}""", true)]
    [InlineData("""{"field":"text_count","eq":67.0}""", true)]
    [InlineData("""{"field":"text_count","lt":100}""", true)]
    [InlineData("""{"field":"padded","eq":7}""", false)]
    [InlineData("""{"field":"padded","eq":"007"}""", true)]
    [InlineData("""{"field":"padded","lt":1}""", true)]
    [InlineData("""{"field":"huge","gt":1}""", true)]
    [InlineData("""{"field":"huge","eq":"1e400"}""", true)]
    [InlineData("""{"field":"name","eq":"ACME GmbH"}""", false)]
    [InlineData("""{"field":"name","contains":"ACME"}""", true)]
    [InlineData("""{"field":"name","contains":""}""", true)]
    [InlineData("""{"field":"name","le":"acme gmbh"}""", true)]
    [InlineData("""{"field":"flag","eq":true}""", true)]
    [InlineData("""{"field":"flag","eq":"true"}""", true)]
    [InlineData("""{"field":"flag","ne":false}""", true)]
    [InlineData("""{"field":"list","eq":"Software"}""", true)]
    [InlineData("""{"field":"list","contains":"retail"}""", true)]
    [InlineData("""{"field":"list","ne":"Software"}""", false)]
    [InlineData("""{"field":"list","gt":40}""", true)]
    [InlineData("""{"field":"none","exists":true}""", true)]
    [InlineData("""{"field":"none","eq":""}""", false)]
    [InlineData("""{"field":"none","ne":""}""", true)]
    [InlineData("""{"field":"object","contains":"\"k\""}""", true)]
    [InlineData("""{"field":"count","in":["x",66,67]}""", true)]
    [InlineData("""{"all":[{"field":"count","ge":67},{"field":"count","le":67}]}""", true)]
    [InlineData("""{"any":[{"field":"count","gt":67},{"field":"count","lt":67}]}""", false)]
    [InlineData("""{"not":{"field":"name","contains":"acme"}}""", false)]
    public void A_condition_decides(string condition, bool holds)
    {
        var record = Records.Of("""
            {"nothing":null,"empty":"","count":67,"text_count":"67","padded":"007","huge":1e400,"name":"acme gmbh","flag":true,
             "list":["Software",null,"Retail trade",50],"none":[],"object":{"k":1}}
            """);
        Assert.Equal(holds, Condition.Parse(condition).Holds(record));
    }

    [Fact]
    public void Conditions_made_in_code_are_written_as_in_a_file()
    {
        var condition = Condition.All(
            Condition.Exists("person.email", false),
            Condition.Any(Condition.Gt("company.size", 50), Condition.Eq("company.size", "51-200")),
            Condition.Not(Condition.In("company.country", "DE", "AT")));
        Assert.Equal(
            """{"all":[{"field":"person.email","exists":false},{"any":[{"field":"company.size","gt":50},{"field":"company.size","eq":"51-200"}]},{"not":{"field":"company.country","in":["DE","AT"]}}]}""",
            condition.ToString());
        Assert.Equal(["person.email", "company.size", "company.country"], condition.Fields);
    }

    [Theory]
    [InlineData("""[]""", "rule.json, $: expected a condition such as {\"field\": \"person.email\", \"exists\": true}, found a list.")]
    [InlineData("""{}""", "rule.json, $: expected a condition such as {\"field\": \"person.email\", \"exists\": true}, found an object.")]
    [InlineData(
        """{"field":"a"}""",
        "rule.json, $: a condition compares in exactly one way, one of exists, eq, ne, lt, le, gt, ge, contains, in; found none.")]
    [InlineData(
        """{"field":"a","gt":1,"lt":5}""",
        "rule.json, $: a condition compares in exactly one way, one of exists, eq, ne, lt, le, gt, ge, contains, in; found gt, lt. Join several by {\"all\": […]}.")]
    [InlineData(
        """{"field":"a","equals":1}""",
        "rule.json, $.equals: a condition has no property 'equals'. Did you mean 'eq'? Known: field, exists, eq, ne, lt, le, gt, ge, contains, in, all, any, not, child.")]
    [InlineData(
        """{"field":"a","exist":true}""",
        "rule.json, $.exist: a condition has no property 'exist'. Did you mean 'exists'? Known: field, exists, eq, ne, lt, le, gt, ge, contains, in, all, any, not, child.")]
    [InlineData("""{"field":"a","exists":"yes"}""", "rule.json, $.exists: expected true or false, found \"yes\".")]
    [InlineData(
        """{"field":"a","eq":null}""",
        "rule.json, $.eq: expected text, a number, true or false; to test for an absent field write \"exists\": false, found null.")]
    [InlineData("""{"field":"a","in":[1,[2]]}""", "rule.json, $.in[1]: expected text, a number, true or false, found a list.")]
    [InlineData(
        """{"field":"a","in":[]}""",
        "rule.json, $.in: A condition tests whether 'a' is in an empty list, which never holds. Give at least one value.")]
    [InlineData(
        """{"field":"Company Name","exists":true}""",
        "rule.json, $.field: 'Company Name' is not a field: expected lower-case names joined by dots, such as person.first_name, at most 100 characters.")]
    [InlineData("""{"all":[]}""", "rule.json, $: The condition 'all' has no conditions in it. Give at least one.")]
    [InlineData(
        """{"any":[{"field":"a","exists":true},{"field":"a","exists":1}]}""",
        "rule.json, $.any[1].exists: expected true or false, found 1.")]
    [InlineData(
        """{"all":[{"field":"a","exists":true}],"any":[]}""",
        "rule.json, $: 'all' must be alone in its object; found beside it: any. Put each condition into an object of its own.")]
    [InlineData("""{"field":"a","eq":1,"eq":2}""", "rule.json, $.eq: occurs twice in the same object. Remove one of them.")]
    [InlineData(
        """{"field":"a","eq":"\ud800"}""",
        "rule.json, $.eq: the text holds half of a surrogate pair, which is not a character. Correct its \\u escapes.")]
    [InlineData("""{"field":"a","eq":"\u0000"}""", "rule.json, $.eq: the text holds the character NUL, which cannot be stored. Remove it.")]
    public void A_document_that_is_no_condition_is_refused_with_its_place(string json, string message) =>
        Assert.Equal(message, Assert.Throws<EnrichmentException>(() => Condition.Parse(json, "rule.json")).Message);

    [Fact]
    public void Conditions_may_stand_16_deep_in_each_other_and_no_deeper()
    {
        var condition = Condition.Exists("a");
        for (var depth = 1; depth < 16; depth++)
        {
            condition = Condition.Not(condition);
        }

        Assert.Equal(condition, Condition.Parse(condition.ToString()));
        var error = Assert.Throws<EnrichmentException>(() => Condition.Not(condition));
        Assert.Equal("Conditions are nested more than 16 deep. Put them side by side in one 'all' or 'any' instead.", error.Message);
        Assert.Throws<EnrichmentException>(() =>
            Condition.Parse(new StringBuilder().Insert(0, "{\"not\":", 40).Append("{}").Append('}', 40).ToString()));
    }

    private static Condition Compare(string field, ConditionValue value, int comparison) => comparison switch
    {
        0 => Condition.Eq(field, value),
        1 => Condition.Ne(field, value),
        2 => Condition.Lt(field, value),
        3 => Condition.Le(field, value),
        4 => Condition.Gt(field, value),
        _ => Condition.Ge(field, value),
    };
}
