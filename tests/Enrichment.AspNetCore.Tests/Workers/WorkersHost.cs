using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Enrichment.Hosting;
using Enrichment.Pipelines;
using Enrichment.Storage;
using Enrichment.Testing;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>
/// A host at work that has no step of its own, with the worker API on a port of its own; and a batch over a small upload.
/// </summary>
internal sealed class WorkersHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stop = new();
    private Task working = Task.CompletedTask;

    private WorkersHost(WebApplication app, FakeClock clock)
    {
        this.app = app;
        Clock = clock;
        Store = (WorkersStore)app.Services.GetRequiredService<IEnrichmentStore>();
        Http = new()
        {
            BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
        };
        Http.DefaultRequestHeaders.Add("key", "worker");
    }

    /// <summary>The header "client" narrows the scope, as a claim of the identity would.</summary>
    private static WorkerScope Scope(HttpContext http) =>
        http.Request.Headers["client"].ToString() is { Length: > 0 } client
            ? new([client], ["*"]) { Identity = client }
            : WorkerScope.Everything;

    /// <summary>The store's clock: a lock ends when a test says so, by <see cref="AdvanceAsync"/>.</summary>
    public TimeProvider Clock { get; }

    public HostTime Time => (HostTime)app.Services.GetRequiredService<TimeProvider>();

    public WorkersStore Store { get; }

    public HttpClient Http { get; }

    public Batch Batch { get; private set; } = null!;

    public IServiceProvider Services => app.Services;

    public EnrichmentEngine Engine => app.Services.GetRequiredService<EnrichmentEngine>();

    public EnrichmentClient Client => Engine.Client("acme");

    public static StepManifest Step(string slug = "python.size", Effects effects = Effects.Review, int maxTries = 4) => new()
    {
        Slug = slug, Version = "1.0.0", Reads = ["company.name"], Produces = [new("company.size")], Effects = effects, MaxTries = maxTries,
    };

    public static Task<WorkersHost> StartAsync(StepManifest step, params string[] companies) =>
        StartAsync([step], p => p.Step(step.Slug), "Company Name\n" + string.Concat(companies.Select(company => company + "\n")));

    public static async Task<WorkersHost> StartAsync(
        StepManifest[] steps,
        Action<PipelineBuilder> pipeline,
        string csv,
        Action<EnrichmentBuilder>? further = null)
    {
        var clock = new FakeClock();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(new HostTime(clock));
        builder.Services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, KeyHandler>("key", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy("workers", policy => policy.RequireRole("worker"));
        builder.Services.AddEnrichment(e =>
        {
            e.UseSqlite(":memory:", new() { Clock = clock })
                .DeclareSteps(steps)
                .AddPipeline("python", pipeline)
                .ConfigureWorker(new() { PollInterval = TimeSpan.FromMilliseconds(10), SweepInterval = TimeSpan.FromMilliseconds(50) });
            var chosen = builder.Services.Last(service => service.ServiceType == typeof(IEnrichmentStore)).ImplementationFactory!;
            e.UseStore(services => new WorkersStore((IEnrichmentStore)chosen(services), clock));
            further?.Invoke(e);
        });
        var app = builder.Build();
        app.MapEnrichmentWorkers("workers", Scope);
        await app.StartAsync();
        var host = new WorkersHost(app, clock);
        await host.Engine.MigrateAsync();
        host.Batch = await host.Client.LaunchAsync(csv, "python");
        host.working = host.Engine.RunAsync(host.stop.Token);
        return host;
    }

    public async Task<HttpStatusCode> StatusAsync(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body);
        return answer.StatusCode;
    }

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    /// <summary>Fetches until there is something.</summary>
    public Task<IReadOnlyList<FetchedTask>> FetchAsync(int limit = 10, string step = "python.size", string worker = "test/1") =>
        Wait.UntilFoundAsync(async () => await TryFetchAsync(limit, step, worker) is { Count: > 0 } tasks ? tasks : null);

    /// <summary>Fetches until it has so many.</summary>
    public async Task<List<FetchedTask>> FetchAllAsync(int count, string step = "python.size")
    {
        var tasks = new List<FetchedTask>();
        while (tasks.Count < count)
        {
            tasks.AddRange(await FetchAsync(count - tasks.Count, step));
        }

        return [.. tasks.OrderBy(task => task.Item)];
    }

    public async Task<IReadOnlyList<FetchedTask>> TryFetchAsync(
        int limit = 10,
        string step = "python.size",
        string worker = "test/1",
        double lockSeconds = 30)
    {
        using var answer = await Http.PostAsJsonAsync("/workers/fetch", new { step, worker, limit, lockSeconds });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<Fetched>())!.Tasks;
    }

    /// <summary>Reports the same of every task. Returns those that were refused.</summary>
    public Task<List<string>> ReportAsync(string path, IEnumerable<FetchedTask> tasks, Func<FetchedTask, object> report) =>
        ReportAsync(path, tasks.Select(report));

    public async Task<List<string>> ReportAsync(string path, IEnumerable<object> tasks) =>
        [
            .. (await PostAsync("/workers/" + path, new { tasks }))
                .GetProperty("refused")
                .EnumerateArray()
                .Select(task => task.GetString()!),
        ];

    public Task<List<string>> CompleteAsync(IEnumerable<FetchedTask> tasks) =>
        ReportAsync(
            "complete",
            tasks,
            task => new { task.Task, result = new Dictionary<string, object> { ["company.size"] = task.Item } });

    /// <summary>Lets the clock go on until something is seen.</summary>
    /// <param name="seen">What is waited for.</param>
    /// <param name="step">
    /// The time that passes between two looks: shorter than the time for which what is waited for can be seen, however slow the host is.
    /// </param>
    /// <param name="what">The same in words.</param>
    public Task AdvanceUntilAsync(
        Func<Task<bool>> seen,
        TimeSpan? step = null,
        [CallerArgumentExpression(nameof(seen))] string? what = null) => Wait.UntilAsync(
        async () =>
        {
            if (await seen())
            {
                return true;
            }

            Store.TryAdvance(step ?? TimeSpan.FromSeconds(5));
            return false;
        },
        what);

    /// <summary>Lets so much time pass, at a moment when the host is not between two writes.</summary>
    public Task AdvanceAsync(TimeSpan by) => Wait.UntilAsync(() => Store.TryAdvance(by));

    public async Task<ItemState> StateAsync(int item, short stage = 1) =>
        (await Client.ReadStatesAsync(Batch.Id).ToListAsync()).Single(state => state.Item == item && state.Stage == stage);

    /// <summary>Waits until the batch has ended, and asks the doctor.</summary>
    public async Task<Batch> EndAsync()
    {
        await Wait.UntilAsync(async () =>
            (await Client.GetBatchAsync(Batch.Id)).Status is BatchStatus.Completed or BatchStatus.CompletedWithFailures);
        Assert.Empty(await Engine.ExamineAsync());
        return await Client.GetBatchAsync(Batch.Id);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await working;
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        stop.Dispose();
    }
}

/// <summary>What a fetch answers.</summary>
internal sealed record Fetched(IReadOnlyList<FetchedTask> Tasks);
