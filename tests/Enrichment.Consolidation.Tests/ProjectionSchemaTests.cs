using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.TestKit;
using Json.Schema;

namespace Enrichment.Consolidation.Tests;

/// <summary>The published schema says what the reader does.</summary>
public sealed partial class ProjectionSchemaTests
{
    private const string Column = """{ "name": "a", "type": "text", "sources": [{ "field": "f" }] }""";
    private static readonly string File = Path.Combine(TestPaths.RepositoryRoot, "docs", "reference", "projection.schema.json");
    private static readonly string Text = System.IO.File.ReadAllText(File);
    private static readonly JsonSchema Schema = JsonSchema.FromText(Text);

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private static IEnumerable<Type> Tests => typeof(ProjectionSchemaTests).Assembly.GetTypes();

    /// <summary>What stands in attributes and constants of the tests, and in the documentation.</summary>
    private static IEnumerable<string> Texts
    {
        get
        {
            const BindingFlags Every = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
            var texts = Tests.SelectMany(type => type.GetMethods(Every))
                .SelectMany(method => method.GetCustomAttributes<InlineDataAttribute>())
                .SelectMany(data => data.GetData(null!)).SelectMany(row => row).OfType<string>();
            var constants = Tests.Where(type => !type.ContainsGenericParameters).SelectMany(type => type.GetFields(Every))
                .Where(one => one.IsLiteral && one.FieldType == typeof(string)).Select(one => (string)one.GetRawConstantValue()!);
            var snippets = Directory.EnumerateFiles(Path.Combine(TestPaths.RepositoryRoot, "docs"), "*.md", SearchOption.AllDirectories)
                .SelectMany(page => Snippet().Matches(System.IO.File.ReadAllText(page)).Select(match => match.Groups[1].Value));
            return texts.Concat(constants).Concat(snippets).Where(text => text.Contains("\"columns\"", StringComparison.Ordinal)
                && text.TrimStart().StartsWith('{') && text.Contains("\"name\"", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<Projection> Definitions
    {
        get
        {
            const BindingFlags Every = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
            return Tests.Where(type => !type.ContainsGenericParameters).SelectMany(type => type.GetFields(Every))
                .Where(one => one.FieldType == typeof(Projection)).Select(one => (Projection)one.GetValue(null)!);
        }
    }

    [Fact]
    public void The_schema_takes_what_the_reader_takes_and_refuses_another_shape_as_it_does()
    {
        var (taken, refused) = (0, 0);
        foreach (var text in Texts.Distinct(StringComparer.Ordinal))
        {
            switch (Refusal(text))
            {
                case null:
                    Assert.True(IsValid(text), text);
                    taken++;
                    break;
                // What only shows when names, types and expressions are put together is no matter of the shape.
                case var reason when !reason.Contains("cannot be used", StringComparison.Ordinal)
                    && !reason.Contains("not JSON", StringComparison.Ordinal):
                    Assert.False(IsValid(text), $"{reason}\n{text}");
                    refused++;
                    break;
            }
        }

        Assert.True(taken > 3 && refused > 15, $"{taken} definitions were taken, {refused} refused.");
        Assert.All(Definitions, projection => Assert.True(IsValid(Encoding.UTF8.GetString(projection.Definition.Span)), projection.Name));
        Assert.True(Definitions.Count() > 3);
    }

    [Theory]
    [InlineData("", $$"""{ "name": "x", "columns": [{{Column}}], "?": 1 }""")]
    [InlineData("from", $$"""{ "name": "x", "columns": [{{Column}}], "from": { "workstreams": ["w"], "?": 1 } }""")]
    [InlineData("scale", $$"""{ "name": "x", "columns": [{{Column}}], "buckets": { "s": { "order": ["a"], "?": 1 } } }""")]
    [InlineData(
        "sourcedColumn expressionColumn functionColumn",
        """{ "name": "x", "columns": [{ "name": "a", "type": "text", "sources": [{ "field": "f" }], "?": 1 }] }""")]
    [InlineData(
        "fieldSource columnSource resultSource metaSource",
        """{ "name": "x", "columns": [{ "name": "a", "type": "text", "sources": [{ "field": "f", "?": 1 }] }] }""")]
    [InlineData("child", $$"""{ "name": "x", "columns": [{{Column}}], "children": [{ "name": "c", "each": { "field": "f" }, "columns": [], "?": 1 }] }""")]
    [InlineData(
        "elementSource",
        $$"""
        { "name": "x", "columns": [{{Column}}], "children": [{ "name": "c", "each": { "field": "f" },
          "columns": [{ "name": "a", "type": "text", "sources": [{ "pointer": "", "?": 1 }] }] }] }
        """)]
    [InlineData("list", $$"""{ "name": "x", "columns": [{{Column}}], "lists": [{ "name": "l", "workstream": "w", "columns": [], "?": 1 }] }""")]
    public void The_schema_has_the_properties_that_the_reader_knows(string definitions, string unknown)
    {
        Assert.False(IsValid(unknown));
        var reason = Refusal(unknown)!;
        Assert.Contains("has no property '?'", reason, StringComparison.Ordinal);
        using var schema = JsonDocument.Parse(Text);
        var known = definitions.Length == 0
            ? Properties(schema.RootElement)
            : definitions == "from"
            ? Properties(schema.RootElement.GetProperty("properties").GetProperty("from"))
            : definitions.Split(' ').SelectMany(name => Properties(schema.RootElement.GetProperty("$defs").GetProperty(name)));

        Assert.Equal(
            reason[(reason.IndexOf("Known: ", StringComparison.Ordinal) + 7)..].TrimEnd('.').Split(", ").Order(StringComparer.Ordinal),
            known.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_schema_has_the_words_that_the_reader_knows()
    {
        Assert.Equal(ColumnTypeWords.All, Words("type"));
        Assert.Equal(ChoiceRuleWords.All, Words("choose"));
        Assert.Equal(TextForm.All, Words("normalise"));
        Assert.Equal(ValueFormat.All, Words("format"));
    }

    [Fact]
    public void A_file_may_name_the_schema() => Assert.Equal(
        Projection.Parse($$"""{ "name": "x", "columns": [{{Column}}] }""").Hash.ToArray(),
        Projection.Parse($$"""{ "$schema": "projection.schema.json", "name": "x", "columns": [{{Column}}] }""").Hash.ToArray());

    private static string Words(string definition)
    {
        using var schema = JsonDocument.Parse(Text);
        return string.Join(", ", schema.RootElement.GetProperty("$defs").GetProperty(definition).GetProperty("enum").EnumerateArray());
    }

    private static IEnumerable<string> Properties(JsonElement definition) =>
        definition.GetProperty("properties").EnumerateObject().Select(property => property.Name);

    private static bool IsValid(string json)
    {
        using var document = JsonDocument.Parse(json, Lenient);
        return Schema.Evaluate(document.RootElement).IsValid;
    }

    private static string? Refusal(string json)
    {
        try
        {
            Projection.Parse(json, "file.json");
            return null;
        }
        catch (EnrichmentException exception)
        {
            return exception.Message;
        }
    }

    [GeneratedRegex("```json\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
