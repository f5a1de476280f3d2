using System.Text;
using System.Text.Json;
using Enrichment.Drift;

namespace Enrichment.Tests.Drift;

/// <summary>What a profile of answers holds.</summary>
public sealed class AnswerWalkTests
{
    [Fact]
    public void Places_kinds_and_values_are_counted_once_an_answer()
    {
        var profile = Walk(
            """{"name":"Acme","size":51,"jobs":[{"title":"CEO"},{"title":null},{"title":"CTO"}]}""",
            """{"name":" ","size":"51-200","jobs":[]}""",
            """{"name":null}""");

        Assert.Equal(3, profile.Answers);
        Assert.Equal(["", "/jobs", "/jobs/*", "/jobs/*/title", "/name", "/size"], profile.Paths.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((3, 1), Counts(profile, "/name"));
        Assert.Equal((2, 2), Counts(profile, "/size"));
        Assert.Equal((2, 1), Counts(profile, "/jobs"));
        Assert.Equal((1, 1), Counts(profile, "/jobs/*/title"));
        Assert.Equal((1, 1), (profile.Paths["/size"].Kinds[(int)JsonKind.String], profile.Paths["/size"].Kinds[(int)JsonKind.Number]));
        Assert.Equal(("51", "51-200"), (profile.Paths["/size"].Samples[(int)JsonKind.Number], profile.Paths["/size"].Samples[(int)JsonKind.String]));
    }

    [Fact]
    public void A_text_that_holds_json_is_entered_once()
    {
        var inner = JsonSerializer.Serialize(new { name = "Acme", again = "{\"no\":1}" });
        var profile = Walk(JsonSerializer.Serialize(new { payload = inner }), """{"payload":"{broken}"}""");

        Assert.Equal(
            ["", "/payload", "/payload/again", "/payload/name"],
            profile.Paths.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2, profile.Paths["/payload"].Kinds[(int)JsonKind.String]);
    }

    [Fact]
    public void An_object_with_very_many_names_is_one_place_whichever_names_an_answer_has()
    {
        var profile = Walk([.. Enumerable.Range(0, 90).Select(answer =>
            JsonSerializer.Serialize(new { tech = new Dictionary<string, object> { [$"t{answer * 2}"] = new { on = true }, [$"t{(answer * 2) + 1}"] = new { on = false } } }))]);

        Assert.Equal(["", "/tech", "/tech/{}", "/tech/{}/on"], profile.Paths.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((90, 90), Counts(profile, "/tech/{}/on"));
    }

    [Fact]
    public void Places_levels_and_names_are_bounded()
    {
        var wide = JsonSerializer.Serialize(Enumerable.Range(0, 100).ToDictionary(
            n => $"a{n}", _ => Enumerable.Range(0, 100).ToDictionary(n => $"b{n}", n => n)));
        var deep = string.Concat(Enumerable.Repeat("{\"d\":", 20)) + "1" + new string('}', 20);

        var profile = Walk(wide, deep, $$"""{"{{new string('n', 65)}}":1}""");

        Assert.True(profile.IsCut);
        Assert.Equal(AnswerWalk.MostPlaces, profile.Paths.Count);
        Assert.False(Walk(deep).IsCut);
        Assert.Equal(AnswerWalk.MostLevels, Walk(deep).Paths.Keys.Max(path => path.Count(character => character == '/')));
    }

    [Fact]
    public void A_profile_is_the_same_when_it_was_stored_and_its_counts_hold_no_value()
    {
        var profile = Walk("""{"name":"Zoë 🙂","a/b":{"~":[1,"x"]}}""");

        var (counts, samples) = (profile.CountsToJson(), profile.SamplesToJson());

        Assert.DoesNotContain("Zoë", counts, StringComparison.Ordinal);
        Assert.Equal(counts, AnswerProfile.FromJson(1, counts, samples).CountsToJson());
        Assert.Equal(samples, AnswerProfile.FromJson(1, counts, samples).SamplesToJson());
        Assert.Null(AnswerProfile.FromJson(1, counts, null).Paths["/name"].Sample);
    }

    private static (int Present, int Filled) Counts(AnswerProfile profile, string path) =>
        (profile.Paths[path].Present, profile.Paths[path].Filled);

    private static AnswerProfile Walk(params string[] answers)
    {
        var walk = new AnswerWalk();
        foreach (var answer in answers)
        {
            walk.Add(Encoding.UTF8.GetBytes(answer));
        }

        return walk.ToProfile();
    }
}
