using System.Text.Json.Nodes;
using Enrichment.Consolidation;
using Enrichment.Drift;

namespace Enrichment.Tests.Drift;

/// <summary>What a finding says, and that its patch makes a sound definition that follows the change.</summary>
public sealed class DriftReportTests
{
    private static readonly Projection Leads = Projection.Define("final_leads", p => p
        .Text("name", s => s.Result("clay.company", "/raw/name").Column("Company"))
        .Integer("employees", s => s.Column("# Employees").Result("clay.company", "/raw/employee_count"))
        .Text("city", s => s.Result("clay.company", "/raw/locations/0/city"))
        .Text("other", s => s.Result("other.step", "/raw/employee_count"))
        .Text("stage", s => s.Field("company.stage"))
        .Children("jobs", c => c
            .Each(s => s.Result("clay.company", "/raw/jobs"))
            .Text("title", s => s.At("/title"))));

    private static readonly StepManifest Clay = new()
    {
        Slug = "clay.company",
        Version = "1.0.0",
        Produces = [ProducedField.Parse("company.stage=/stage")],
    };

    [Fact]
    public void A_new_name_is_asked_before_the_old_one()
    {
        var finding = Report(DriftKind.VanishedPath, "/raw/employee_count", JsonKind.Number, "/raw/headcount");

        Assert.Equal(
            "/raw/employee_count is gone: none of 300 answers has it, 950 of 1,000 before had it. "
            + "/raw/headcount is new at the same time and is alike: it may be the new name. "
            + "Read by column 'employees' of projection 'final_leads'.",
            finding.Sentence);
        Assert.Equal(
            ["/raw/headcount", "/raw/employee_count"],
            Patched(finding)["columns"]![1]!["sources"]![1]!["pointer"]!.AsArray().Select(pointer => (string?)pointer));
    }

    [Fact]
    public void A_moved_object_moves_every_pointer_below_it()
    {
        var finding = Report(DriftKind.NewPath, "/data", JsonKind.Object, "/raw");

        var columns = Patched(finding)["columns"]!;
        Assert.Equal("/data/locations/0/city", (string?)columns[2]!["sources"]![0]!["pointer"]![0]);
        Assert.Equal("/raw/employee_count", (string?)columns[3]!["sources"]![0]!["pointer"]);
    }

    [Fact]
    public void A_value_that_the_column_cannot_take_proposes_another_type()
    {
        Assert.Equal("text", (string?)Patched(Report(DriftKind.NewKind, "/raw/employee_count", JsonKind.String))["columns"]![1]!["type"]);
        Assert.Empty(Report(DriftKind.NewKind, "/raw/name", JsonKind.Number).Patches);
    }

    [Fact]
    public void A_new_place_beside_one_that_is_read_proposes_a_column()
    {
        var column = Patched(Report(DriftKind.NewPath, "/raw/Employee Count", JsonKind.Number))["columns"]![5]!;

        Assert.Equal(("employee_count", "integer"), ((string?)column["name"], (string?)column["type"]));
        Assert.Empty(Report(DriftKind.NewPath, "/elsewhere", JsonKind.Number).Patches);
    }

    [Fact]
    public void An_element_of_an_array_is_read_by_its_index() => Assert.Contains(
        "column 'city'",
        Report(DriftKind.FillRate, "/raw/locations/*/city", JsonKind.String).Sentence,
        StringComparison.Ordinal);

    [Fact]
    public void A_field_is_read_where_the_step_says() => Assert.Contains(
        "column 'stage'",
        Report(DriftKind.VanishedPath, "/stage", JsonKind.String).Sentence,
        StringComparison.Ordinal);

    [Fact]
    public void A_pointer_in_an_element_moves_within_the_element()
    {
        var finding = Report(DriftKind.VanishedPath, "/raw/jobs/*/title", JsonKind.String, "/raw/jobs/*/role");

        Assert.Contains("column 'jobs.title'", finding.Sentence, StringComparison.Ordinal);
        Assert.Equal(
            ["/role", "/title"],
            Patched(finding)["children"]![0]!["columns"]![0]!["sources"]!.AsArray().Select(source => (string?)source!["pointer"]));
        Assert.Empty(Report(DriftKind.VanishedPath, "/raw/jobs/*/title", JsonKind.String, "/raw/role").Patches);
    }

    private static DriftFinding Report(DriftKind kind, string path, JsonKind value, string? counterpart = null) =>
        new DriftReport([Leads], [Clay]).Of(new(
            1,
            "clay.company",
            "1.0.0",
            new(
                kind,
                path,
                "",
                new()
                {
                    SeenBefore = 950,
                    Before = 1_000,
                    SeenNow = 120,
                    Now = 300,
                    Kind = value,
                    KindBefore = JsonKind.Number,
                    Counterpart = counterpart,
                },
                value == JsonKind.String ? "51-200" : "51"),
            DriftStatus.Open,
            (1, Guid.Empty),
            (1, Guid.Empty)));

    // As much of RFC 6902 as findings use.
    private static JsonNode Patched(DriftFinding finding)
    {
        var definition = JsonNode.Parse(Leads.Definition.Span)!;
        foreach (var operation in JsonNode.Parse(finding.Patches["final_leads"])!.AsArray().Select(node => node!.AsObject()))
        {
            var path = ((string)operation["path"]!).Split('/');
            var parent = path[1..^1].Aggregate(definition, (node, part) => node is JsonArray ? node[int.Parse(part, null)]! : node[part]!);
            var value = operation["value"]!.DeepClone();
            switch ((string)operation["op"]!)
            {
                case "test":
                    Assert.True(JsonNode.DeepEquals(value, parent is JsonArray ? parent[int.Parse(path[^1], null)] : parent[path[^1]]));
                    break;
                case "replace":
                    parent[path[^1]] = value;
                    break;
                default:
                    parent.AsArray().Insert(path[^1] == "-" ? parent.AsArray().Count : int.Parse(path[^1], null), value);
                    break;
            }
        }

        return JsonNode.Parse(Projection.Parse(definition.ToJsonString()).Definition.Span)!;
    }
}
