using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Enrichment.Consolidation.Tests;

/// <summary>A table with a column of each type and a child table, and random rows for it, of values that are hard to compare.</summary>
internal static class AskedLeads
{
    public static readonly string?[] Texts =
    [
        null, "a", "A", "b", "ä", "Ä", "ß", "SS", "z", "Z", "😀", "\uFF5E", "\uFFFD", "ı", "İ", "i", "I", "ſ", "s", "K", "k", "é", "e\u0301",
        "%", "_", "a_b%", "it's", "\"quoted\"", "a\\b", "[x]", "a.b", "*", "'; drop table clients; --", "Müller GmbH", "MÜLLER AG", "Ꭰ", "ꭰ",
        new string('x', 100) + "1", new string('x', 100) + "2", new string('x', 99), "𐐀", "𐐨", "tab\tand\nline",
    ];

    public static readonly long?[] Wholes = [null, 0, 1, -1, 7, 50, 51, 200, 201, long.MaxValue, long.MinValue, long.MaxValue - 1];

    public static readonly decimal?[] Numbers =
    [
        null, 0, 1, -1, 2.5m, -2.5m, -2.55m, 0.1m, 0.000000001m, -0.000000001m, 1234567890.1234567m, 1234567890.12345678m,
        9999999999999999999999999999m, -9999999999999999999999999999m, 9999999999999999999999999998m, 123456789012345m,
        1234567890123456m, 1234567890123457m, 1e15m, 100m, 99.99m,
    ];

    public static readonly string?[] Days = [null, "2026-11-30", "2026-05-30", "2026-05-29", "2023-02-01", "0001-01-01", "9999-12-31"];

    public static readonly string?[] Partials = [null, "2026-11", "2026", "2026-11-30", "2026-05-30", "2023-02", "2023-02-01", "2023", "2025"];

    public static readonly string?[] Instants = [null, "2026-11-30T10:00:00Z", "2026-11-30T10:00:00.000001Z", "2023-02-01T00:00:00Z"];

    public static readonly string?[][] Lists = [[], ["a"], ["A", "b"], ["ä", "ä", "z"], ["it's"], ["Müller"], ["a", "b", "😀"]];

    public static readonly string[] Labels = ["1-50", "51-200", "201+"];

    /// <summary>A row of each item.</summary>
    public static Projection ByItem { get; } = Define("asked_leads", []);

    /// <summary>A row of each text and whole number, that of the youngest item; each column that may have an index has one.</summary>
    public static Projection ByKey { get; } = Define("asked_keys", ["name", "n"], isIndexed: true);

    /// <summary>Makes a batch of random rows.</summary>
    public static async Task<Batch> LaunchAsync(Ground ground, string client, int rows, int seed)
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync(client, ["Row"], [], [.. Enumerable.Range(1, rows).Select(row => (string?[])[$"{client} {row}"])]),
            ("vendor.lead", []));
        var random = new Random(seed);
        string[] answers = [.. Enumerable.Range(0, rows).Select(_ => Answer(random))];
        await ground.AnswerAsync(batch, 1, last: true, item => answers[item - 1]);
        return batch;
    }

    /// <summary><see cref="ByItem"/> with one column more.</summary>
    public static Projection Widened { get; } = Define("asked_leads", [], isWider: true);

    private static Projection Define(
        string name, string[] key, bool isWider = false, bool isIndexed = false) => Projection.Define(name, p =>
    {
        if (key.Length > 0)
        {
            p.Key(key);
        }

        p.Text("name", At("/name", isSearched: true))
            .Integer("n", At("/n"))
            .Number("x", At("/x"))
            .Boolean("flag", At("/flag"))
            .Date("value", At("/day"))
            .PartialDate("since", At("/since"))
            .Timestamp("order", At("/at"))
            .TextList("tags", s => s.Result("vendor.lead", "/tags"))
            .Json("doc", s => s.Result("vendor.lead", "/doc"))
            .Buckets("size", Labels, upTo: [(50, "1-50"), (200, "51-200"), (1000, "201+")])
            .Is("size", "bucket('size', n)", indexed: isIndexed)
            .Is("is_new", "since between as_of - 6 months and as_of")
            .Text("row_of", s => s.Column("Row").Searched())
            .Children("jobs", c => c
                .Table(name + "_jobs")
                .Each(s => s.Result("vendor.lead", "/jobs"))
                .Text("title", s => s.At("/title"))
                .Integer("years", s => s.At("/years"))
                .PartialDate("began", s => s.At("/began")));
        if (isWider)
        {
            p.Text("copy", s => s.Column("Row"));
        }

        Action<SourceBuilder> At(string place, bool isSearched = false) => s =>
        {
            s.Result("vendor.lead", place);
            _ = isIndexed ? s.Indexed() : s;
            _ = isSearched ? s.Searched() : s;
        };
    });

    private static string Answer(Random random)
    {
        T Any<T>(T[] values) => values[random.Next(values.Length)];
        var jobs = new JsonArray();
        for (var job = random.Next(3); job > 0; job--)
        {
            jobs.Add(new JsonObject { ["title"] = Any(Texts), ["years"] = Any(Wholes), ["began"] = Any(Partials) });
        }

        var number = Any(Numbers);
        return new JsonObject
        {
            ["name"] = Any(Texts),
            ["n"] = Any(Wholes),
            ["x"] = number is { } known
                ? JsonNode.Parse(known.ToString("0.############################", CultureInfo.InvariantCulture))
                : null,
            ["flag"] = Any<bool?>([null, true, false]),
            ["day"] = Any(Days),
            ["since"] = Any(Partials),
            ["at"] = Any(Instants),
            ["tags"] = Any(Lists) is { Length: > 0 } tags ? new JsonArray([.. tags.Select(tag => (JsonNode?)tag)]) : null,
            ["doc"] = random.Next(2) == 0 ? null : new JsonObject { ["a"] = 1 },
            ["jobs"] = jobs,
        }.ToJsonString();
    }

    /// <summary>Texts in the order of their bytes.</summary>
    public static int Compare(string one, string other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));
}
