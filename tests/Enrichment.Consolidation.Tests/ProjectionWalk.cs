using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Consolidation.Tests;

/// <summary>
/// A random definition with every rule, child tables, twins, keys and lists, and a random walk of launches, answers, retries, prunings
/// and consolidations. A seed gives the same walk on every store.
/// </summary>
internal sealed class ProjectionWalk
{
    private static readonly string?[] Texts = ["a.com", "b.com", "www.A.com", "https://b.com/x", "no domain", "n/a", "", null, "c.com"];

    private static readonly string[] Each = ["/kids", "/deep/kids", "/text/kids"];

    private readonly Ground ground;
    private readonly int seed;
    private readonly string client;
    private readonly Random random;
    private readonly List<Batch> batches = [];
    private readonly HashSet<int> pruned = [];
    private int turn;

    public ProjectionWalk(Ground ground, int seed)
    {
        (this.ground, this.seed) = (ground, seed);
        client = string.Create(CultureInfo.InvariantCulture, $"walk-{seed}");
        random = new(seed);
        Projection = Define();
    }

    public Projection Projection { get; }

    /// <summary>Walks, and returns what the tables have when nothing is left to do.</summary>
    public async Task<string> RunAsync()
    {
        await LaunchAsync("leads");
        for (var turns = random.Next(6, 13); turn < turns; turn++)
        {
            var batch = batches[random.Next(batches.Count)];
            await (random.Next(10) switch
            {
                0 when batches.Count < 4 => LaunchAsync("leads"),
                1 or 2 when batches.Count < 4 => LaunchAsync("known"),
                3 or 4 => AnswerAsync(batch),
                5 => RetryAsync(batch),
                6 => ground.Store.CompleteBatchesAsync(default),
                7 when random.Next(3) == 0 => PruneAsync(batch),
                _ => ConsolidateAsync(batch),
            });
        }

        foreach (var batch in batches)
        {
            await AnswerAsync(batch);
        }

        await ground.Store.CompleteBatchesAsync(default);
        await SettleAsync();
        return await TextAsync();
    }

    /// <summary>What the tables have: rows with their origins, child rows and issues.</summary>
    public async Task<string> TextAsync()
    {
        var places = batches.Index().ToDictionary(batch => batch.Item.Id, batch => batch.Index);
        var lines = new List<string>();
        var rows = await ground.Store.ReadProjectionAsync(Projection, client, null, ground.AsOf, default).ToListAsync();
        lines.AddRange(rows.Select(row => Line($"{places[row.Batch]} {row.Item} {string.Join('|', row.Values.Select(CsvExport.Format))}")));

        var query = ground.Ask(Projection, client);
        foreach (var word in new[] { "a", "b", "com", "domain" })
        {
            var found = await query.Search(word).ReadPageAsync(1000);
            lines.Add(Line($"search {word} {string.Join('|', found.Rows.Select(row => Line($"{places[row.Batch]} {row.Item}")))}"));
        }

        // Counts that are kept with the rows are those of the rows.
        Assert.Equal(new(rows.Count, false), await query.CountAsync(null));
        Assert.Equal(
            Projection.ColumnNames.Select((_, index) => rows.LongCount(row => row.Values[index] is not null)),
            (await query.ReadAvailabilityAsync()).Values);

        var keys = batches.Index().ToDictionary(batch => batch.Item.Key, batch => batch.Index);
        lines.AddRange((await ground.OriginsAsync(Projection))
            .Where(row => keys.ContainsKey(row.Batch))
            .Select(row => Line($"origin {keys[row.Batch]} {row.Item} {row.Origin}")));
        await foreach (var row in ground.Store.ReadChildrenAsync(Projection, 0, client, null, default))
        {
            lines.Add(Line(
                $"child {places[row.Batch]} {row.Item} {row.ChildKey} {row.Twin} {string.Join('|', row.Values.Select(CsvExport.Format))}"));
        }

        await foreach (var issue in ground.Store.ReadIssuesAsync(Projection, client, null, default))
        {
            lines.Add(Line(
                $"{issue.Column} {places[issue.Batch]} {issue.Item} {issue.Source} {issue.Reason} {issue.Value} {issue.ChildKey}"));
        }

        return string.Join('\n', lines);
    }

    /// <summary>Consolidates until every table shows every ended batch, by the lists as they are.</summary>
    public async Task SettleAsync()
    {
        while (await ground.Store.FindToProjectAsync(Projection, default) is { Count: > 0 } left
            && batches.Where(batch => left.Contains(batch.Key)).ToList() is { Count: > 0 } ours)
        {
            foreach (var batch in ours)
            {
                await ground.Store.ConsolidateAsync(Projection, batch.Key, default);
            }
        }
    }

    private static string Line(FormattableString line) => FormattableString.Invariant(line);

    private Projection Define()
    {
        return Projection.Define(string.Create(CultureInfo.InvariantCulture, $"walk_{seed}"), p =>
        {
            // Of a column that is folded of several items, no list knows: only a list of the key is asked then.
            var isListed = "k in known.v or t in known.v";
            switch (random.Next(6))
            {
                case 0 or 1:
                    p.Key("k");
                    break;
                case 2 or 3:
                    p.Key("k").FoldColumns();
                    isListed = "k in known.v";
                    break;
            }

            if (random.Next(3) == 0)
            {
                p.From("leads");
            }

            p.Text("k", s => s.Result("one", "/k").Column("K").Searched())
                .Text("t", Required(Rule((s, at) => s.Result("one", "/t", observed: at).Column("T").Searched())))
                .Integer("n", Rule((s, at) => s.Result("one", "/n", observed: at).Column("K").Result("one", "/t", observed: at)))
                .TextList("every", s => s.Column("T").Result("one", "/t").Result("one", "/n").All())
                .Number("sure", s => s.Result("one", "/n", confidenceAt: "/sure").Column("K", 0.5m).MostConfident())
                .PartialDate("since", Rule((s, at) => s.Result("one", "/since", observed: at).Column("T")))
                .Integer("weight", s => s.Result("one", "/n").Default(7).Hidden())
                .Is("weighed", "weight * coalesce(n, 1)")
                .Is("inverse", "1 / (n - 3)")
                .Is("is_weighed", "weighed > 10 and since < date '2024-03-01'")
                .List("known", "known", l => l
                    .Text("v", s => Form(s.Result("one", "/t").Column("T")))
                    .Integer("n", s => s.Result("one", "/n")))
                .Children("kids", c =>
                {
                    c.Table(string.Create(CultureInfo.InvariantCulture, $"walk_{seed}_kids"))
                        .Each(s => s.Result("one", [.. Each.OrderBy(_ => random.Next()).Take(random.Next(1, 4))]).Column("Kids"))
                        .Text("t", Rule((s, at) => Form(s.At("/t", observed: at).At("/u"))))
                        .Integer("n", Rule((s, at) => s.At("/n", observed: at).At("/t")))
                        .PartialDate("d", s => s.At("/at"))
                        .Integer("h", s => s.At("/n").At("/u").Default(3).Hidden())
                        .Is("listed", "t in known.v or n in known.n")
                        .Is("twice", "h * 2", hidden: random.Next(2) == 0)
                        .Compute("length", "length_of_t", 1, row => (row["t"] as string)?.Length, hidden: random.Next(2) == 0)
                        .Is("tenth", "n / 10");
                    string[] names = ["t", "n", "d", "tenth", "h"];
                    c.Key([.. names.Where(_ => random.Next(3) == 0)]);
                    if (random.Next(2) == 0)
                    {
                        c.NumberTwins();
                    }
                })
                .Is("is_listed", isListed)
                .Is("has_listed", "any(kids where listed and n in known.n)")
                .Is("ones", "count(kids where least(n, 1) = 1 and twice < 5 and length > 0)")
                .Is("best", "first(kids where t is not null ; t by n desc)", searched: true)
                .Is("most", "max(kids ; n)")
                .Is("titles", "list(kids ; t by t)");
        });

        Action<SourceBuilder> Rule(Func<SourceBuilder, string?, SourceBuilder> sources) => s =>
        {
            var rule = random.Next(5);
            var named = sources(s, rule == 0 ? "/at" : null);
            _ = rule switch
            {
                0 => named.Latest(),
                1 => named.Agreed(),
                2 => named.Smallest(),
                3 => named.Largest(),
                _ => named,
            };
        };

        Action<SourceBuilder> Required(Action<SourceBuilder> sources) => s =>
        {
            sources(s);
            if (random.Next(3) == 0)
            {
                s.Required();
            }
        };

        SourceBuilder Form(SourceBuilder s) => random.Next(2) == 0 ? s.Normalise("domain") : s;
    }

    private async Task LaunchAsync(string workstream)
    {
        var draw = Draw(turn);
        var rows = Enumerable.Range(0, draw.Next(1, 9))
            .Select(_ => JsonSerializer.Serialize(new[] { Text(draw), Text(draw), draw.Next(4) == 0 ? Kids(draw).ToJsonString() : null }))
            .ToArray();
        var upload = await ground.UploadJsonAsync(client, ["K", "T", "Kids"], [], rows);
        batches.Add(await ground.LaunchAsync(upload, workstream, ("one", [])));
    }

    // The order in which items are claimed is the store's own: each draws for itself.
    private Random Draw(params int[] parts) => new(parts.Aggregate(seed, (mixed, part) => unchecked((mixed * 31) + part)));

    private Task AnswerAsync(Batch batch)
    {
        if (pruned.Contains(batch.Key))
        {
            return Task.CompletedTask;
        }

        var at = turn;
        return ground.AnswerAsync(batch, 1, last: true, item => Answer(Draw(at, batches.IndexOf(batch), item)));
    }

    private async Task RetryAsync(Batch batch)
    {
        var items = Enumerable.Range(1, 9).Where(_ => random.Next(3) == 0).ToList();
        if (items.Count > 0 && !pruned.Contains(batch.Key))
        {
            await ground.Store.RetryAsync(batch.Key, 1, items, sameKey: false, default);
        }
    }

    private async Task ConsolidateAsync(Batch batch)
    {
        if (!pruned.Contains(batch.Key))
        {
            await ground.Store.ConsolidateAsync(Projection, batch.Key, default);
        }
    }

    private async Task PruneAsync(Batch batch)
    {
        await ground.Store.CompleteBatchesAsync(default);
        await SettleAsync();
        if (!pruned.Contains(batch.Key) && await ground.Store.MarkPrunedAsync(await ground.Store.LoadBatchAsync(batch.Key, default), "{}", default))
        {
            pruned.Add(batch.Key);
            await foreach (var _ in ground.Store.DeletePrunedAsync(batch, default))
            {
            }
        }
    }

    private static string? Answer(Random draw) => draw.Next(8) == 0 ? null : new JsonObject
    {
        ["k"] = draw.Next(3) == 0 ? Text(draw) : null, // so that a retry may move an item to another key
        ["t"] = Text(draw),
        ["n"] = Number(draw),
        ["at"] = $"2024-0{draw.Next(1, 4)}-01",
        ["since"] = draw.Next(4) switch { 0 => null, 1 => "2024", 2 => "2024-02", _ => "2024-03-01" },
        ["sure"] = draw.Next(10) / 10m,
        ["kids"] = draw.Next(3) == 0 ? Text(draw) : Kids(draw),
        ["deep"] = new JsonObject { ["kids"] = Kids(draw) },
        ["text"] = new JsonObject { ["kids"] = Kids(draw) }.ToJsonString(),
    }.ToJsonString();

    private static JsonArray Kids(Random draw)
    {
        var kids = new JsonArray();
        for (var left = draw.Next(6); left > 0; left--)
        {
            kids.Add(draw.Next(8) switch
            {
                0 => null,
                1 => Number(draw),
                2 when kids.Count > 0 => kids[draw.Next(kids.Count)]?.DeepClone(),
                3 => Kid(draw).ToJsonString(),
                _ => Kid(draw),
            });
        }

        return kids;
    }

    private static JsonObject Kid(Random draw) => new()
    {
        ["t"] = Text(draw),
        ["u"] = Text(draw),
        ["n"] = Number(draw),
        ["at"] = draw.Next(3) switch { 0 => "2024", 1 => "2024-02", _ => $"2024-0{draw.Next(1, 4)}-01" },
    };

    private static string? Text(Random draw) => Texts[draw.Next(Texts.Length)];

    private static JsonNode? Number(Random draw) => draw.Next(5) switch { 0 => null, 1 => "many", 2 => "2", var other => (JsonNode)other };
}
