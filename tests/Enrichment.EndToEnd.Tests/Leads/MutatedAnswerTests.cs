using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Pipelines;
using Enrichment.Providers.Clay;

namespace Enrichment.EndToEnd.Tests.Leads;

/// <summary>A vendor may send any JSON at any place.</summary>
public sealed class MutatedAnswerTests
{
    private static readonly string[] Values =
    [
        "null", "true", "7", "-1.5e300", "\"\"", "\" \"", "\"n/a\"", "\"x\"", "\"2023-02-30\"", "\"{\\\"a\\\":[1]}\"", "\"[null,{}]\"",
        "[]", "[null]", "[[1]]", "[{},\"x\",null]", "{}", "{\"a\":{\"b\":null}}",
    ];

    private static readonly string[] Bad = ["does_not_cast", "does_not_normalise"];

    // Every place of every case of the fixture is replaced by every kind of value. The cells of the row then differ, and nothing else.
    [Fact]
    public async Task Any_JSON_at_any_place_becomes_a_cell_or_an_issue_and_ends_no_run()
    {
        var clay = new Dictionary<string, ClayStep> { ["company"] = new ClayCompanyStep(), ["person"] = new ClayPersonStep() };
        var plan = ProjectionPlan.Resolve(
            LeadProjections.FinalLeads,
            Pipeline(typeof(ClayCompanyStep), typeof(ClayPersonStep)),
            ["Email"],
            new Dictionary<string, IReadOnlyList<int>>());
        var evaluator = new RowEvaluator(plan, new());
        var (turns, issues) = (0, 0);
        var cases = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Leads", "odd_cases.jsonl"));
        foreach (var line in cases.Take(10))
        {
            var answers = clay.Keys.Order(StringComparer.Ordinal)
                .Select(name => JsonNode.Parse(line)![name] is { } body ? Answer(clay[name], body) : null)
                .ToList();
            foreach (var (stage, answer) in answers.Index().Where(known => known.Item is not null))
            {
                foreach (var (path, value) in Places(answer!).SelectMany(path => Values.Select(value => (path, value))))
                {
                    var mutated = answers.ToList();
                    mutated[stage] = With(answer!, path, value);
                    Evaluate(evaluator, mutated);
                    issues += Check(evaluator);
                    turns++;
                }
            }
        }

        Assert.True(turns > 2_000 && issues > 500, $"{turns} turns, {issues} issues");
    }

    private static void Evaluate(RowEvaluator evaluator, List<JsonNode?> answers)
    {
        evaluator.Begin(0, 1);
        foreach (var (index, document) in answers.Select(answer => answer?.ToJsonString()).Prepend("[\"\"]").Index())
        {
            if (document is not null)
            {
                var bytes = Encoding.UTF8.GetBytes(document);
                bytes.CopyTo(evaluator.Row.Room(bytes.Length));
                evaluator.Find(index, evaluator.Row.Loaded(bytes.Length), bytes.Length);
            }
        }

        evaluator.Evaluate();
    }

    // A column without a value has had nothing, or has an issue for each value that was none.
    private static int Check(RowEvaluator evaluator)
    {
        var issues = evaluator.Row.Issues.ToLookup(issue => issue.Column);
        for (var column = 0; column < evaluator.Plan.Columns.Count; column++)
        {
            if (!evaluator.Row.Cells[column].HasValue && evaluator.Plan.Columns[column].Stored.HasSources)
            {
                var bad = evaluator.Candidates(column).Count(candidate => Bad.Contains(CellOrigins.Word(candidate.Outcome)));
                Assert.Equal(bad, issues[column].Count(issue => issue.Source > 0));
            }
        }

        return evaluator.Row.Issues.Count;
    }

    private static JsonNode Answer(ClayStep step, JsonNode body) =>
        step.Receive(
            new(new ClayOptions { WebhookUrl = "https://clay.example/" }),
            new(new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body.ToJsonString()), DateTimeOffset.UnixEpoch))
            is { Result.Length: > 0 } outcome
            ? JsonNode.Parse(outcome.Result.Span)!
            : new JsonObject();

    private static IEnumerable<string[]> Places(JsonNode? node) => node switch
    {
        JsonObject named => named.SelectMany(property => Below(property.Key, property.Value)),
        JsonArray array => array.SelectMany((element, index) => Below($"{index}", element)),
        _ => [],
    };

    private static IEnumerable<string[]> Below(string name, JsonNode? value) =>
        Places(value).Select(path => (string[])[name, .. path]).Prepend([name]);

    private static JsonNode With(JsonNode answer, string[] path, string value)
    {
        var copy = answer.DeepClone();
        var parent = path[..^1].Aggregate(copy, (node, name) => node is JsonArray array ? array[int.Parse(name, null)]! : node[name]!);
        if (parent is JsonArray elements)
        {
            elements[int.Parse(path[^1], null)] = JsonNode.Parse(value);
        }
        else
        {
            parent[path[^1]] = JsonNode.Parse(value);
        }

        return copy;
    }

    private static PipelineSnapshot Pipeline(params Type[] steps) => new()
    {
        Pipeline = "leads",
        PipelineVersion = "1.0.0",
        Workstream = "apollo_scrape",
        WorkstreamVersion = "1",
        Stages =
        [
            .. steps.Select(step => new StageSnapshot
            {
                Manifest = StepManifest.Of(step), Retry = new() { MaxTries = 1 }, Timeout = TimeSpan.FromSeconds(1),
            }),
        ],
    };
}
