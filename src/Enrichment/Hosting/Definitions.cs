using Enrichment.Consolidation;
using Enrichment.Ingestion;
using Enrichment.Pipelines;

namespace Enrichment.Hosting;

/// <summary>What this host calls by name. Complete from the start; immutable.</summary>
internal sealed class Definitions
{
    private readonly Dictionary<string, PipelineDefinition> pipelines;
    private readonly Dictionary<string, Workstream> workstreams;
    private readonly Dictionary<string, ClientDefinition> clients;
    private readonly Dictionary<string, Projection> projections;

    /// <exception cref="EnrichmentException">Two definitions have one name.</exception>
    public Definitions(
        IEnumerable<PipelineDefinition> pipelines,
        IEnumerable<Workstream> workstreams,
        IEnumerable<ClientDefinition> clients,
        IEnumerable<Projection> projections,
        SecretResolver secrets,
        SettingsTrust trust,
        bool works)
    {
        this.pipelines = ByName("pipelines", pipelines, pipeline => pipeline.Name);
        this.workstreams = ByName("workstreams", workstreams, workstream => workstream.Name);
        this.clients = ByName("clients", clients, client => client.Slug);
        this.projections = ByName("projections", projections, projection => projection.Name);
        Secrets = secrets;
        Trust = trust;
        Works = works;
    }

    /// <summary>Whether the host has a worker.</summary>
    public bool Works { get; }

    public SecretResolver Secrets { get; }

    /// <summary>Whose settings are trusted like the host's own.</summary>
    public SettingsTrust Trust { get; }

    public IReadOnlyCollection<Workstream> Workstreams => workstreams.Values;

    public IReadOnlyCollection<Projection> Projections => projections.Values;

    /// <summary>Every step that the definitions name, and where.</summary>
    public IEnumerable<(string Place, string Step)> Steps =>
        pipelines
            .Values.SelectMany(pipeline =>
                pipeline.Stages.Select((stage, index) => ($"Pipeline '{pipeline.Name}', stage {index + 1}", stage.Step)))
            .Concat(
                workstreams.Values.SelectMany(workstream =>
                    workstream.Steps.Keys.Select(step => ($"Workstream '{workstream.Name}', its settings", step))))
            .Concat(
                clients.Values.SelectMany(client => client.Settings.Keys.Select(step => ($"Client '{client.Slug}', its settings", step))));

    /// <summary>What the definitions say of each other and is not so.</summary>
    public IEnumerable<string> Problems() =>
        Missing(
                workstreams
                    .Values.Where(workstream => workstream.Pipeline is not null)
                    .Select(workstream => ($"Workstream '{workstream.Name}'", workstream.Pipeline!)),
                "pipeline",
                pipelines.Keys)
            .Concat(
                Missing(
                    clients.Values.SelectMany(client => client.Pipelines.Values.Select(pipeline => ($"Client '{client.Slug}'", pipeline))),
                    "pipeline",
                    pipelines.Keys))
            .Concat(
                Missing(
                    clients.Values.SelectMany(client =>
                        client.Pipelines.Keys.Select(workstream => ($"Client '{client.Slug}'", workstream))),
                    "workstream",
                    workstreams.Keys));

    public PipelineDefinition Pipeline(string name) => Find(pipelines, "pipeline", name, "AddPipeline");

    public Workstream Workstream(string name) => Find(workstreams, "workstream", name, "AddWorkstream");

    public Projection Projection(string name) => Find(projections, "projection", name, "AddProjection");

    public ClientDefinition? Client(string slug) => clients.GetValueOrDefault(slug);

    /// <summary>A workstream that this host may no longer have: its settings and default pipeline are then nothing.</summary>
    public Workstream? FindWorkstream(string name) => workstreams.GetValueOrDefault(name);

    private static IEnumerable<string> Missing(
        IEnumerable<(string Place, string Name)> named,
        string kind,
        IReadOnlyCollection<string> known) =>
        named
            .Where(use => !known.Contains(use.Name))
            .Select(use =>
                $"{use.Place} names the {kind} '{use.Name}', which does not exist.{Nearest.Hint(use.Name, known)} Correct the name or add it.");

    private static Dictionary<string, T> ByName<T>(string kind, IEnumerable<T> all, Func<T, string> name)
    {
        var byName = new Dictionary<string, T>(StringComparer.Ordinal);
        var twice = all.Where(definition => !byName.TryAdd(name(definition), definition))
            .Select(definition => $"'{name(definition)}'")
            .ToList();
        return twice.Count == 0
            ? byName
            : throw new EnrichmentException($"Two {kind} have the same name: {string.Join(", ", twice)}. Rename or remove one of each.");
    }

    private static T Find<T>(Dictionary<string, T> known, string kind, string name, string add) => known.TryGetValue(name, out var found)
        ? found
        : throw new EnrichmentException(
            $"There is no {kind} '{name}'. Known: {(known.Count == 0 ? "none" : string.Join(", ", known.Keys.Order(StringComparer.Ordinal)))}. Correct the name or add it with {add}(…).");
}
