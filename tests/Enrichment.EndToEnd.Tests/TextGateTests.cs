using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>Texts that one of the stores could not keep are refused above both, in the same words.</summary>
public sealed class TextGateTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    public static TheoryData<string, int> Hostile =>
        new()
        {
            { "sqlite", 0 },
            { "sqlite", 0xD800 },
            { "postgres", 0 },
            { "postgres", 0xD800 },
        };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_file_name_that_no_store_keeps_is_refused(string kind, int unit)
    {
        await using var engine = await StartAsync(kind);

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => UploadAsync(engine, $"a{(char)unit}b.csv"));

        Assert.StartsWith("The name of the file cannot be stored", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_launch_key_that_no_store_keeps_is_refused(string kind, int unit)
    {
        await using var engine = await StartAsync(kind);
        var upload = await UploadAsync(engine, "leads.csv");

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() =>
            engine.Client("acme").LaunchAsync(upload.Upload.Id, new() { Pipeline = "scripted", Key = $"a{(char)unit}b" }));

        Assert.StartsWith("The key of the launch cannot be stored", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Only_the_last_part_of_a_file_name_is_kept(string kind)
    {
        await using var engine = await StartAsync(kind);

        Assert.Equal("leads.csv", (await UploadAsync(engine, "C:\\lists\\leads.csv")).Upload.FileName);
    }

    [Theory]
    [InlineData("Company,Website\n", "the file holds a header and nothing below it")]
    [InlineData("Company,Website\na,b,c\n", "every row of the file was rejected (1 in all)")]
    public async Task An_upload_without_rows_says_so_at_its_launch(string file, string reason)
    {
        await using var engine = await StartAsync("sqlite");
        var upload = await engine.Client("acme").UploadAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(file)));

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() =>
            engine.Client("acme").LaunchAsync(upload.Upload.Id, new() { Pipeline = "scripted" }));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private static Task<UploadResult> UploadAsync(EnrichmentEngine engine, string name) =>
        engine
            .Client("acme")
            .UploadAsync(new MemoryStream("Company,Website\nAcme,a.test\n"u8.ToArray()), options: new() { FileName = name });

    private Task<EnrichmentEngine> StartAsync(string kind) =>
        TestEngine.StartAsync(e =>
        {
            _ =
                kind == "sqlite"
                    ? e.UseSqlite(":memory:")
                    : e.UsePostgreSql(database.ConnectionString, new() { Schema = $"text_{Guid.NewGuid():n}"[..36] });
            e.AddStep<ScriptedStep>()
                .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named()))));
        });
}
