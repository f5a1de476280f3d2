using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Reads conditions from JSON, strictly.</summary>
internal static class ConditionReader
{
    private const string Form = "a condition such as {\"field\": \"person.email\", \"exists\": true}";
    private const int MaxNumberLength = 64;
    private static readonly string[] Joins = ["all", "any", "not"];
    private static readonly string[] Operators = ["exists", "eq", "ne", "lt", "le", "gt", "ge", "contains", "in"];
    private static readonly string[] Known = ["field", .. Operators, .. Joins, "child"];

    public static Condition Read(DefinitionNode node)
    {
        if (node.Element.ValueKind != JsonValueKind.Object)
        {
            throw node.Unexpected(Form);
        }

        Condition? condition = null;
        node.Use(n => condition = ReadObject(n, n.Object("a condition", Known)));
        return condition!;
    }

    private static Condition ReadObject(DefinitionNode node, Dictionary<string, DefinitionNode> properties)
    {
        if (properties.TryGetValue("child", out var child))
        {
            return properties.Count == 2 && properties.TryGetValue("any", out var any)
                ? Condition.Child(child.Text("the name of a child table"), Read(any))
                : throw node.Error("'child' has exactly \"any\" beside it, the condition that one of its rows must satisfy.");
        }

        if (properties.Keys.FirstOrDefault(Joins.Contains) is { } join)
        {
            return properties.Count == 1
                ? ReadJoin(join, properties[join])
                : throw node.Error(
                    $"'{join}' must be alone in its object; found beside it: {string.Join(", ", properties.Keys.Where(name => name != join))}. Put each condition into an object of its own.");
        }

        var field = properties.TryGetValue("field", out var named) ? named.Text("the name of a field") : throw node.Unexpected(Form);
        if (Slug.FieldProblem(field) is { } problem)
        {
            throw named.Error(problem);
        }

        var operators = properties.Keys.Where(name => name != "field").ToList();
        if (operators.Count != 1)
        {
            throw node.Error(
                $"a condition compares in exactly one way, one of {string.Join(", ", Operators)}; found {(operators.Count == 0 ? "none" : string.Join(", ", operators))}."
                    + (operators.Count > 1 ? " Join several by {\"all\": […]}." : ""));
        }

        Condition? condition = null;
        properties[operators[0]].Use(operand => condition = ReadOperator(field, operators[0], operand));
        return condition!;
    }

    private static Condition ReadJoin(string join, DefinitionNode operand) => join switch
    {
        "not" => Condition.Not(Read(operand)),
        "all" => Condition.All(operand.List("a list of conditions").Select(Read)),
        _ => Condition.Any(operand.List("a list of conditions").Select(Read)),
    };

    private static Condition ReadOperator(string field, string name, DefinitionNode operand) => name switch
    {
        "exists" => Condition.Exists(field, operand.Flag()),
        "eq" => Condition.Eq(field, Value(operand)),
        "ne" => Condition.Ne(field, Value(operand)),
        "lt" => Condition.Lt(field, Value(operand)),
        "le" => Condition.Le(field, Value(operand)),
        "gt" => Condition.Gt(field, Value(operand)),
        "ge" => Condition.Ge(field, Value(operand)),
        "contains" => Condition.Contains(field, operand.Text("text")),
        _ => Condition.In(field, operand.List("a list of texts, numbers, true or false").Select(Value)),
    };

    private static ConditionValue Value(DefinitionNode node) => node.Element.ValueKind switch
    {
        JsonValueKind.String => node.Text("text"),
        JsonValueKind.Number when node.Element.GetRawText() is { Length: <= MaxNumberLength } number => ConditionValue.Literal(number),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => throw node.Unexpected("text, a number, true or false; to test for an absent field write \"exists\": false"),
        _ => throw node.Unexpected("text, a number, true or false"),
    };
}
