namespace Enrichment.Benchmarks.Work;

/// <summary>
/// The engine under test: the steps and pipelines of the benchmark on either store, with the options that every host has.
/// </summary>
internal static class Subject
{
    public const string Client = "bench";
    public const string Pure = "pure";
    public const string Outside = "outside";

    /// <summary>Three pure steps that answer with <see cref="LeadAnswers"/>.</summary>
    public const string Leads = "leads";

    public static EnrichmentEngine OnPostgreSql(string connectionString, Action<EnrichmentBuilder>? more = null) =>
        Create(e => e.UsePostgreSql(connectionString), more);

    public static EnrichmentEngine OnSqlite(string path, Action<EnrichmentBuilder>? more = null) => Create(e => e.UseSqlite(path), more);

    /// <summary>Stages a list of leads.</summary>
    public static async Task<Upload> StageAsync(EnrichmentEngine engine, int items, string client = Client)
    {
        await using var csv = Work.Leads.Csv(items);
        return (await engine.Client(client).UploadAsync(csv, "apollo_scrape")).Upload;
    }

    /// <summary>Every row has been through the three steps, or the figures are worth nothing.</summary>
    public static async Task VerifyAsync(EnrichmentEngine engine, Batch batch, int items)
    {
        var counts = await engine.Store.ReadProgressAsync(batch.Key, CancellationToken.None);
        if (counts.Count != 3 || counts.Any(stage => stage.Completed != items))
        {
            throw new InvalidOperationException(
                $"The run is void: expected {items} completed items in each of 3 stages, got {string.Join(", ", counts.Select(stage => stage.Completed))}.");
        }
    }

    private static EnrichmentEngine Create(Action<EnrichmentBuilder> store, Action<EnrichmentBuilder>? more) => EnrichmentEngine.Create(e =>
    {
        store(e);
        e.AddStep<FirstStep>().AddStep<SecondStep>().AddStep<ThirdStep>()
            .AddStep<FirstOutsideStep>().AddStep<SecondOutsideStep>().AddStep<ThirdOutsideStep>()
            .AddStep<PersonStep>().AddStep<CompanyStep>().AddStep<EmailStep>()
            .AddPipeline(Leads, p => p.Step("bench.person").Step("bench.company").Step("bench.email"))
            .AddPipeline(Pure, p => p.Step("bench.one").Step("bench.two").Step("bench.three"))
            .AddPipeline(Outside, p => p.Step("bench.outside.one").Step("bench.outside.two").Step("bench.outside.three"));
        more?.Invoke(e);
    });
}
