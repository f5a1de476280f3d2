using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tests.SecondOpinion;
using Enrichment.Json;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Tests;

/// <summary>Random definitions over random rows: both stores have the same table, and it is what SQL makes of the same rows.</summary>
public sealed class SecondOpinionTests
{
    private const int Items = 300;

    private static readonly string[] Headers = ["A", "B", "C", "D"];

    private static readonly Dictionary<string, int[]> HeaderMap = new() { ["one.x"] = [0, 1], ["raw.y"] = [2, 3] };

    private static readonly (string Step, string[] Produces)[] Stages =
        [("one", ["one.x=/x", "shared=/deep/x"]), ("two", ["shared=/x", "two.y=/list/1"])];

    private static readonly string[] Pointers = ["/x", "/y", "/deep/x", "/deep/y", "/list/0", "/list/1", "/deep", "", "/none", "/0"];

    private static readonly string[] Formatted =
    [
        "01/02/2023", "31/12/2022 10:15", "1/2/2023T10:15:30Z", "30/02/2023", "1.234,56", "1.234", "-0,50", "1 234 567", "1\u202f234,5",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task The_evaluator_and_the_compiled_SQL_agree_on_random_rows(int seed)
    {
        await using var postgres = await PostgreSqlGround.CreateAsync();
        await using var sqlite = await SqliteGround.CreateAsync();
        await postgres.RawAsync(CompiledSql.Functions);
        var found = new List<string>();
        foreach (var ground in new Ground[] { postgres, sqlite })
        {
            var random = new Random(seed);
            var upload = await ground.UploadJsonAsync(
                "acme",
                Headers,
                HeaderMap,
                [.. Enumerable.Range(0, Items).Select(_ => Row(random))]);
            var batch = await ground.LaunchAsync(upload, Stages);
            await ground.AnswerAsync(batch, 1, last: false, _ => Answer(random));
            await ground.AnswerAsync(batch, 2, last: true, _ => Answer(random));
            await ground.Store.RetryAsync(batch.Key, 1, [.. Every(5)], sameKey: false, default);
            await ground.AnswerAsync(batch, 1, last: false, item => Answer(new(item)));
            await ground.Store.RetryAsync(batch.Key, 2, [.. Every(3)], sameKey: false, default);
            await ground.AnswerAsync(batch, 2, last: true, item => Answer(new(item)));
            var projection = Define(random, keyed: seed % 3 == 0);

            await ground.Store.ConsolidateAsync(projection, batch.Key, default);

            var rows = await ground.RowsAsync(projection);
            found.Add(string.Join('\n', rows.Select(row => string.Join('|', row.Select(CsvExport.Format)))));
            found.Add(await ExplainedAsync(ground, projection, batch, rows));
            found.Add(string.Join('\n', await ground.IssuesAsync(projection)).Replace(batch.Id.ToString(), "", StringComparison.Ordinal));
            if (ground == postgres)
            {
                var plan = ProjectionPlan.Resolve(
                    projection,
                    PipelineSnapshot.FromJson(Snapshots.Of(Stages)),
                    Headers,
                    HeaderMap.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<int>)pair.Value));
                var opinion = new CompiledSql(plan, batch.Key, upload.Key);
                Assert.Null(Words(await ground.RawAsync(opinion.With() + opinion.Differences())));
                Assert.Null(Words(await ground.RawAsync(opinion.With() + opinion.DifferentIssues())));
                Assert.Null(Words(await ground.RawAsync(opinion.With() + opinion.DifferentOrigins())));
            }

            await ExplainPrunedAsync(ground, projection, batch);
        }

        Assert.Equal(found[..3], found[3..]);
        Assert.All(found, words => Assert.True(words.Length > 1000));
    }

    /// <summary>Every explanation has the cells of the table, and for each cell the source that gave it.</summary>
    private static async Task<string> ExplainedAsync(Ground ground, Projection projection, Batch batch, List<object?[]> rows)
    {
        var issues = (await ground.IssuesAsync(projection))
            .Where(issue => issue.Source is not null)
            .Select(issue => (issue.Item, issue.Column, issue.Source!))
            .ToHashSet();
        var explained = new List<string>();
        var tableRows = rows.Select(row => string.Join('|', row.Select(CsvExport.Format))).ToHashSet();
        var met = new HashSet<string>();
        for (var item = 1; item <= Items; item++)
        {
            var row = (await ground.Store.ExplainAsync(projection, batch, item, ground.AsOf, default))!;
            var cells = string.Join('|', row.Cells.Select(cell => CsvExport.Format(cell.Value)));
            Assert.True(projection.Key.Count > 0 || cells == string.Join('|', rows[item - 1].Select(CsvExport.Format)), cells);
            if (row.HasRow && tableRows.Contains(cells))
            {
                met.Add(cells);
            }

            foreach (var cell in row.Cells)
            {
                var chosen = cell.Candidates.Where(candidate => candidate.Outcome == "chosen").ToList();
                Assert.Equal(CsvExport.Format(cell.Value), CsvExport.Format(chosen.SingleOrDefault()?.Value));
                var before = cell.Candidates.TakeWhile(candidate => candidate.Outcome != "chosen").ToList();
                Assert.DoesNotContain(before, candidate => candidate.Outcome == "not_chosen");
                Assert.All(
                    before.Where(candidate => candidate.Outcome == "does_not_cast"),
                    candidate => Assert.Contains((item, cell.Column, candidate.Source), issues));
                explained.Add($"{item} {cell.Column} {cell.Issue} {string.Join(", ", cell.Candidates.Select(Words))}");
            }
        }

        Assert.Equal(tableRows, met);
        return string.Join('\n', explained);
    }

    /// <summary>Once the batch is pruned, each stored row tells the same source and attempt, and nothing of the others.</summary>
    private static async Task ExplainPrunedAsync(Ground ground, Projection projection, Batch batch)
    {
        var before = new List<ExplainedRow>();
        foreach (var item in Every(5))
        {
            before.Add((await ground.Store.ExplainAsync(projection, batch, item, ground.AsOf, default))!);
        }

        await ground.PruneAsync(batch);

        foreach (var row in before)
        {
            Assert.All(row.Cells, cell => Assert.Null(cell.InTable));
            var stored = await ground.Store.ExplainAsync(projection, batch, row.Item, ground.AsOf, default);
            Assert.Equal(row.HasRow, stored is not null);
            Assert.Equal(row.HasRow ? row.Cells.SelectMany(Kept) : [], stored?.Cells.SelectMany(Told) ?? []);
        }

        static IEnumerable<string> Kept(ExplainedCell cell) => cell.Candidates.Select(candidate => candidate.Outcome switch
        {
            "chosen" => Place(cell, candidate),
            "not_in_batch" => candidate.Outcome,
            _ => "not_kept",
        });

        static IEnumerable<string> Told(ExplainedCell cell) =>
            cell.Candidates.Select(candidate => candidate.Outcome == "chosen" ? Place(cell, candidate) : candidate.Outcome);

        static string Place(ExplainedCell cell, ExplainedCandidate candidate) =>
            $"{cell.Column} {candidate.Source} {candidate.Step} {candidate.Version} {candidate.Stage} {candidate.Attempt} {candidate.Header} {candidate.Pointer} {CsvExport.Format(cell.Value)} {CsvExport.Format(candidate.Value)}";
    }

    private static IEnumerable<int> Every(int step) => Enumerable.Range(1, Items / step).Select(number => number * step);

    private static string Words(ExplainedCandidate candidate) =>
        $"{candidate.Outcome} {candidate.Step} {candidate.Header} {candidate.Attempt} {candidate.Raw} {CsvExport.Format(candidate.Value)}";

    private static string? Words(object? differences) => differences as string;

    private static Projection Define(Random random, bool keyed) => Projection.Define("drawn", p =>
    {
        if (keyed)
        {
            p.Key("text_0", "integer_0", "date_0");
        }

        for (var turn = 0; turn < 2; turn++)
        {
            var number = turn.ToString(CultureInfo.InvariantCulture);
            p.Text($"text_{number}", Plain)
                .Integer($"integer_{number}", source => Sources(source, "decimal_comma"))
                .Number($"number_{number}", source => Sources(source, "decimal_comma"))
                .Boolean($"boolean_{number}", Plain)
                .Date($"date_{number}", source => Sources(source, "dd/MM/yyyy"))
                .Timestamp($"timestamp_{number}", source => Sources(source, "dd/MM/yyyy"))
                .TextList($"text_list_{number}", Plain)
                .Json($"json_{number}", Plain);
        }

        void Plain(SourceBuilder source) => Sources(source, null);

        void Sources(SourceBuilder source, string? format)
        {
            for (var left = keyed ? 6 : random.Next(1, 5); left > 0; left--)
            {
                _ = random.Next(6) switch
                {
                    0 => source.Field(new[] { "one.x", "raw.y", "shared", "two.y" }[random.Next(4)]),
                    1 => source.Column(Headers[random.Next(Headers.Length)], format: random.Next(2) == 0 ? format : null),
                    2 => source.Result("one", Pointers[random.Next(Pointers.Length)]),
                    3 => source.Result("one", [.. Pointers.OrderBy(_ => random.Next()).Take(random.Next(1, 4))]),
                    _ => source.Result("two", Pointers[random.Next(Pointers.Length)], format: random.Next(3) == 0 ? format : null),
                };
            }
        }
    });

    private static string Row(Random random) => new JsonArray([.. Headers.Select(_ => Draw(random))]).ToJsonString();

    private static string? Answer(Random random) => random.Next(12) == 0
        ? null
        : new JsonObject
        {
            ["deep"] = Deep(random),
            ["list"] = new JsonArray(Draw(random), Draw(random)),
            ["x"] = Draw(random),
            ["ý\"\\"] = Draw(random),
            ["y"] = Draw(random),
            ["0"] = Draw(random),
        }.ToJsonString();

    // Some vendors send JSON in a string.
    private static JsonNode Deep(Random random)
    {
        var deep = new JsonObject { ["other"] = Draw(random), ["x"] = Draw(random), ["y"] = Draw(random) };
        return random.Next(3) == 0 && JsonGate.Default.TryAccept(JsonSerializer.SerializeToUtf8Bytes(deep), out var json, out _)
            ? Encoding.UTF8.GetString(json)
            : deep;
    }

    // Of the vectors' values most as they are, the others with a character more, less or another, so that the edges of each form are met.
    private static JsonNode? Draw(Random random)
    {
        var value = random.Next(4) == 0
            ? JsonValue.Create(Formatted[random.Next(Formatted.Length)])
            : JsonNode.Parse(CastVector.All[random.Next(CastVector.All.Count)].In);
        if (random.Next(3) > 0 || value is not JsonValue text || text.GetValueKind() != JsonValueKind.String)
        {
            return value;
        }

        const string Characters = "0123456789-+/:.,TZ \u00a0\u3000éx";
        var characters = text.GetValue<string>().ToList();
        var place = random.Next(characters.Count + 1);
        switch (random.Next(3))
        {
            case 0:
                characters.Insert(place, Characters[random.Next(Characters.Length)]);
                break;
            case 1 when place < characters.Count && !char.IsSurrogate(characters[place]):
                characters[place] = Characters[random.Next(Characters.Length)];
                break;
            case 2 when place < characters.Count && !char.IsSurrogate(characters[place]):
                characters.RemoveAt(place);
                break;
        }

        return string.Concat(characters);
    }
}
