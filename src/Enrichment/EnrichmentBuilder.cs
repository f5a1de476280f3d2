using System.Diagnostics.CodeAnalysis;
using Enrichment.Consolidation;
using Enrichment.Hosting;
using Enrichment.Ingestion;
using Enrichment.Pipelines;
using Enrichment.Providers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Enrichment;

/// <summary>
/// Says what an engine is made of: a store, steps, pipelines, workstreams, clients, projections, and whether this process works.
/// </summary>
public sealed class EnrichmentBuilder
{
    internal EnrichmentBuilder(IServiceCollection services, string? name = null) => (Services, Name) = (services, name);

    /// <summary>The host's services, for extensions such as <c>UseSqlite</c>.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The engine's name; null if it has none.</summary>
    internal string? Name { get; }

    internal List<StepDescriptor> Steps { get; } = [];

    internal List<StepManifest> Declared { get; } = [];

    internal List<PipelineDefinition> Pipelines { get; } = [];

    internal List<Workstream> Workstreams { get; } = [.. Workstream.BuiltIn, Workstream.Any];

    internal List<ClientDefinition> Clients { get; } = [];

    internal List<Projection> Projections { get; } = [];

    internal SecretResolver Secrets { get; private set; } = SecretReference.FromEnvironment;

    internal SettingsTrust Trust { get; } = new();

    internal WorkerOptions Worker { get; private set; } = new();

    internal RetentionOptions? Retention { get; private set; }

    internal CallbackOptions Callbacks { get; private set; } = new();

    internal IConfigurationSection? Configuration { get; private set; }

    internal List<Func<Batch, IServiceProvider, CancellationToken, Task>> Observers { get; } = [];

    internal bool ClientInSpans { get; private set; }

    internal bool Works { get; private set; }

    /// <summary>Chooses the store. Packages offer this by name: <c>UseSqlite</c>, <c>UsePostgreSql</c>. The last choice holds.</summary>
    internal EnrichmentBuilder UseStore(Func<IServiceProvider, IEnrichmentStore> store)
    {
        Services.AddKeyedSingleton(Name, (services, _) => store(services));
        return this;
    }

    /// <summary>Adds a step. Its one instance is made by the host's services.</summary>
    /// <exception cref="ArgumentException">The class is not, or wrongly, declared as a step.</exception>
    public EnrichmentBuilder AddStep<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TStep>()
        where TStep : class, IEnrichmentStep
    {
        Steps.Add(StepDescriptor.Of<TStep>());
        return this;
    }

    /// <summary>Adds the steps of a provider.</summary>
    public EnrichmentBuilder AddProvider<TProvider>()
        where TProvider : IEnrichmentProvider, new()
    {
        Steps.AddRange(new TProvider().Steps);
        return this;
    }

    /// <summary>Adds steps that were described elsewhere, such as vendors loaded from files.</summary>
    public EnrichmentBuilder AddSteps(IEnumerable<StepDescriptor> steps)
    {
        Steps.AddRange(steps);
        return this;
    }

    /// <summary>
    /// Declares steps that no .NET host runs: external workers claim their items, over HTTP or in SQL. Pipelines name them like
    /// any other.
    /// </summary>
    /// <param name="path">A JSON document that declares a step, or a folder of such documents: every <c>*.json</c> in it.</param>
    /// <exception cref="EnrichmentException">
    /// There is none, it cannot be read, or it declares no step; the message names file and place.
    /// </exception>
    public EnrichmentBuilder DeclareSteps(string path) => DeclareSteps(DeclaredSteps.Load(path));

    /// <summary>As <see cref="DeclareSteps(string)"/>, of steps that the host describes itself.</summary>
    /// <param name="manifests">What the steps declare. None may be answered later.</param>
    public EnrichmentBuilder DeclareSteps(params IEnumerable<StepManifest> manifests)
    {
        Declared.AddRange(manifests);
        return this;
    }

    /// <summary>Adds a pipeline described in place.</summary>
    /// <exception cref="EnrichmentException">It is not sound; the message says why.</exception>
    public EnrichmentBuilder AddPipeline(string name, Action<PipelineBuilder> describe) =>
        AddPipeline(PipelineDefinition.Create(name, describe));

    /// <summary>Adds a pipeline, such as one loaded from a file.</summary>
    public EnrichmentBuilder AddPipeline(PipelineDefinition pipeline)
    {
        Pipelines.Add(pipeline);
        return this;
    }

    /// <summary>Adds a workstream to the built-in ones; one of the same name replaces it.</summary>
    public EnrichmentBuilder AddWorkstream(Workstream workstream)
    {
        Workstreams.RemoveAll(other => other.Name == workstream.Name);
        Workstreams.Add(workstream);
        return this;
    }

    /// <summary>Adds the settings of a client. A client without settings of its own need not be added.</summary>
    public EnrichmentBuilder AddClient(ClientDefinition client)
    {
        Clients.Add(client);
        return this;
    }

    /// <summary>Adds a projection; it is consolidated whenever a batch ends, and on demand.</summary>
    public EnrichmentBuilder AddProjection(Projection projection)
    {
        Projections.Add(projection);
        return this;
    }

    /// <summary>
    /// Says where secrets come from. Without it: the environment variable <c>ENRICHMENT_SECRET_NAME</c> for <c>secret:NAME</c>.
    /// </summary>
    /// <param name="resolver">
    /// Returns null for a secret that is not there. What it throws fails the step or the launch that needs the secret.
    /// </param>
    public EnrichmentBuilder UseSecrets(Func<SecretRequest, string?> resolver) => UseSecrets((secret, _) => new(resolver(secret)));

    /// <summary>As above, for a source that is asked over a network, such as a vault.</summary>
    /// <remarks>
    /// It is asked at each launch, and again before each part of the work and at most once a second for deliveries of a stage, so that a
    /// secret that changes is seen. The work waits for it: give it a time-out, and a cache if each question costs something.
    /// </remarks>
    /// <param name="resolver">
    /// Returns null for a secret that is not there. What it throws fails the step or the launch that needs the secret. The token fires when
    /// the caller gives up or the host stops.
    /// </param>
    public EnrichmentBuilder UseSecrets(Func<SecretRequest, CancellationToken, ValueTask<string?>> resolver)
    {
        Secrets = resolver.Invoke;
        return this;
    }

    /// <summary>
    /// Trusts the settings of clients or launches like the host's own: they may set <see cref="FixedAttribute">fixed</see> properties, such
    /// as addresses, files and queries, and name any secret of the host.
    /// </summary>
    /// <remarks>Use it if settings come from the host's own code or operators, never if a client's caller writes them.</remarks>
    /// <param name="layer">Whose settings.</param>
    /// <param name="steps">The slugs of the steps for which they are trusted; none: for all steps.</param>
    public EnrichmentBuilder TrustSettings(SettingsLayer layer, params IReadOnlyCollection<string> steps)
    {
        Trust.Add(layer, steps);
        return this;
    }

    /// <summary>
    /// Reads <see cref="WorkerOptions"/>, <see cref="RetentionOptions"/> and <see cref="CallbackOptions"/> from the sections <c>Worker</c>,
    /// <c>Retention</c> and <c>Callbacks</c> of the host's configuration.
    /// </summary>
    /// <remarks>
    /// A configured value replaces the one that code sets, whatever the order of the calls: code gives the defaults of all deployments.
    /// With unknown keys or values out of range the host does not start. A section <c>Retention</c> switches retention on. A change while
    /// the host runs takes effect as <see cref="WorkerOptions"/> says; one with problems is refused as a whole, and the log lists them.
    /// </remarks>
    /// <param name="section">
    /// Usually <c>configuration.GetSection("Enrichment")</c>. It holds these three sections, those of engines with a name, and nothing else.
    /// </param>
    public EnrichmentBuilder Configure(IConfigurationSection section)
    {
        Configuration = section;
        return this;
    }

    /// <summary>
    /// Lets ended batches go after a time: rows, states and results; their counts, events and typed rows stay. Done by the workers, one at
    /// a time. Without it nothing is deleted.
    /// </summary>
    /// <exception cref="EnrichmentException">An option is out of its range.</exception>
    public EnrichmentBuilder AddRetention(RetentionOptions options)
    {
        options.Validate();
        Retention = options;
        return this;
    }

    /// <summary>Says how vendors that answer later reach the receiver, on whichever host it runs: workers hand its address out.</summary>
    /// <exception cref="EnrichmentException">An option is out of its range.</exception>
    public EnrichmentBuilder ConfigureCallbacks(CallbackOptions options)
    {
        options.Validate();
        Callbacks = options;
        return this;
    }

    /// <summary>
    /// Tells the host when a batch has ended: completed, with or without failures, or cancelled. A batch that is retried ends again.
    /// </summary>
    /// <remarks>
    /// It is told at least once, after the end is in the store and the batch's typed tables are filled, by one of the hosts that have an
    /// observer and a worker, whichever host ended the batch. What fails is tried again, at first after 5 seconds, at last every 15
    /// minutes, until the batch is pruned. Batches that ended before a host with an observer first worked are not told. Tables of later
    /// batches wait for it: keep it short.
    /// </remarks>
    /// <param name="observer">Takes the batch, the services of a scope of its own, and a token that fires when the host stops.</param>
    public EnrichmentBuilder OnBatchEnded(Func<Batch, IServiceProvider, CancellationToken, Task> observer)
    {
        Observers.Add(observer);
        return this;
    }

    /// <summary>
    /// Has the engine's spans name the client. Without it they do not: its slug may tell a tracing service something of the host's
    /// business.
    /// </summary>
    public EnrichmentBuilder NameClientsInSpans()
    {
        ClientInSpans = true;
        return this;
    }

    /// <summary>
    /// Sets how this process works, without making it work by itself: <see cref="EnrichmentEngine.RunUntilDrainedAsync"/> goes by it too.
    /// </summary>
    /// <exception cref="EnrichmentException">An option is out of its range; the message lists all.</exception>
    public EnrichmentBuilder ConfigureWorker(WorkerOptions options)
    {
        options.Validate();
        Worker = options;
        return this;
    }

    /// <summary>
    /// Makes the host work: migrates the schema at its start unless <see cref="WorkerOptions.MigrateAtStart"/> is false, claims and runs
    /// due work, and drains when the host stops. Without it the process only uploads, launches and reads.
    /// </summary>
    /// <exception cref="EnrichmentException">An option is out of its range; the message lists all.</exception>
    public EnrichmentBuilder AddWorker(WorkerOptions? options = null)
    {
        if (!Works)
        {
            Works = true;
            Services.AddKeyedSingleton(Name, (services, _) => new WorkerHost(
                EngineName.Get<IEnrichmentStore>(services, Name),
                EngineName.Get<Worker>(services, Name),
                EngineName.Get<EngineOptions>(services, Name),
                services.GetRequiredService<TimeProvider>(),
                EngineName.Logger<Worker>(services, Name)));
            Services.AddSingleton<IHostedService>(services => EngineName.Get<WorkerHost>(services, Name));
        }

        return options is null ? this : ConfigureWorker(options);
    }
}
