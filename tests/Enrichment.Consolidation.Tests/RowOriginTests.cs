using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Tests;

/// <summary>What a row keeps of its origin is a format: rows of pruned batches are never written again.</summary>
public sealed class RowOriginTests
{
    // All kinds of places: a field of two stages and two headers, two pointers of a step that two stages run, a result's
    // meta data, a rule over all sources, a default, and columns without sources, which have no byte.
    private static readonly Projection Leads = Projection.Define("leads", p => p
        .Text("email", s => s.Field("person.email").Column("Notes"))
        .Integer("size", s => s.Column("Size").Result("vendor.two", ["/raw/size", "/size"]).Default(0))
        .Boolean("found", s => s.Found("vendor.two"))
        .PartialDate("since", s => s.Result("vendor.one", "/since"))
        .TextList("all", s => s.Column("Notes").Field("person.email").All())
        .Is("is_large", "size > 50"));

    private static readonly ProjectionPlan Plan = ProjectionPlan.Resolve(
        Leads,
        PipelineSnapshot.FromJson(Snapshots.Of(
            ("vendor.one", ["person.email"]), ("vendor.two", []), ("vendor.other", []), ("vendor.two", ["person.email"]))),
        ["Email", "Work email", "Notes", "Size"],
        new Dictionary<string, IReadOnlyList<int>> { ["person.email"] = [1, 0] });

    // If one of these differs now, the places are numbered in another order: raise RowEvaluator.Version, and teach RowOrigin to read the
    // rows that the older version has written, whose numbering the registry tells.
    [Theory]
    [InlineData("07 00FE000000 000000", """["","","",""]""", null, null, null)]
    [InlineData("07 03FE0000FF 000000", """["","w","",""]""", null, null, null)]
    [InlineData("07 04010000FF 000000", """["e","","","5"]""", null, null, null)]
    [InlineData("07 05FE0000FF 000000", """["","","n",""]""", null, null, null)]
    [InlineData("07 02FE0001FF 010000", """["e","w","n",""]""", """{"person.email":"a","since":"2023"}""", null, null)]
    [InlineData("07 01040100FF 008101AC02", """["","","",""]""", null, """{"raw":{"size":3}}""", """{"person.email":"b"}""")]
    [InlineData("07 01030100FF 008101AC02", """["","","",""]""", null, """{"size":3}""", """{"person.email":"b","size":4}""")]
    public void The_bytes_of_an_origin_are_those_that_were_written_once(
        string expected, string row, string? first, string? second, string? fourth)
    {
        var evaluator = new RowEvaluator(Plan, version: 7);
        evaluator.Begin(0, 1);
        Load(0, row, 0);
        Load(1, first, 1);
        Load(2, second, 129);
        Load(3, fourth, 300);
        evaluator.Evaluate();

        Assert.Equal(1, RowEvaluator.Version);
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(evaluator.Origin));
        Assert.Equal(7, RowOrigin.VersionOf(evaluator.Origin));
        Assert.Equal(3, RowOrigin.Read(evaluator.Origin, Plan).Attempts.Length);

        void Load(int document, string? json, int attempt)
        {
            if (json is not null)
            {
                var bytes = Encoding.UTF8.GetBytes(json);
                bytes.CopyTo(evaluator.Row.Room(bytes.Length));
                evaluator.Find(document, evaluator.Row.Loaded(bytes.Length), bytes.Length);
                if (document > 0)
                {
                    evaluator.Number(document, attempt);
                    evaluator.Found(document, true);
                }
            }
        }
    }
}
