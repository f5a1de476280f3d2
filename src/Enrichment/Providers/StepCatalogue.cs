using System.Diagnostics.CodeAnalysis;
using NuGet.Versioning;

namespace Enrichment.Providers;

/// <summary>
/// The steps of this host by slug and version, several versions side by side: those that it runs and those that it declares. Complete from
/// the start; immutable.
/// </summary>
internal sealed class StepCatalogue
{
    private readonly Dictionary<string, List<KnownStep>> steps = new(StringComparer.Ordinal);

    /// <summary>Makes the catalogue of a host.</summary>
    /// <param name="own">The steps that it runs.</param>
    /// <param name="declared">Those of which it only says that they exist: external workers do them.</param>
    /// <exception cref="EnrichmentException">
    /// Steps contradict each other or themselves; all problems at once, each naming the class or file.
    /// </exception>
    public StepCatalogue(IEnumerable<StepDescriptor> own, IEnumerable<StepManifest>? declared = null)
    {
        var problems = new List<string>();
        foreach (var descriptor in own)
        {
            var found = ManifestRules.Problems(descriptor.Manifest).Concat(ManifestRules.Problems(descriptor.OptionsType)).ToList();
            problems.AddRange(found.Select(problem => $"{descriptor.Source}: {problem}"));
            if (found.Count == 0
                && Add(descriptor.Manifest, descriptor, isOwn: true) is { Descriptor: { } other }
                && !Same(other, descriptor))
            {
                problems.Add(
                    $"{other.Source} and {descriptor.Source} are both step '{descriptor.Manifest.Slug}' {descriptor.Manifest.Version}. Give one of them another version or another slug.");
            }
        }

        foreach (var manifest in declared ?? [])
        {
            var found = ManifestRules.Problems(manifest).Concat(ManifestRules.ProblemsOfDeclared(manifest)).ToList();
            problems.AddRange(found.Select(problem => $"Declared step '{Excerpt.Of(manifest.Slug)}': {problem}"));
            if (found.Count == 0 && Add(manifest with { External = true }, null, isOwn: true) is { } other)
            {
                problems.Add(
                    $"Step '{manifest.Slug}' {manifest.Version} is declared, but {other.Descriptor?.Source ?? "another declaration"} is that step already. Remove one of them, or give it another version or another slug.");
            }
        }

        if (problems.Count > 0)
        {
            throw new EnrichmentException(
                "The steps of this host cannot be used." + Environment.NewLine + string.Join(Environment.NewLine, problems));
        }
    }

    private StepCatalogue(StepCatalogue own)
    {
        foreach (var (slug, versions) in own.steps)
        {
            steps.Add(slug, [.. versions]);
        }
    }

    /// <summary>What this host shows to others.</summary>
    public IReadOnlyList<StepManifest> Manifests => [.. All.Where(step => step.IsOwn).Select(step => step.Manifest)];

    /// <summary>The slugs, sorted.</summary>
    public IEnumerable<string> Slugs => steps.Keys.Order(StringComparer.Ordinal);

    private IEnumerable<KnownStep> All =>
        steps.OrderBy(step => step.Key, StringComparer.Ordinal).SelectMany(step => step.Value.OrderBy(known => known.Version));

    /// <summary>This catalogue and the manifests that other hosts have shown. A step that this host has is described by its own.</summary>
    public StepCatalogue With(IEnumerable<StepManifest> foreign)
    {
        var both = new StepCatalogue(this);
        foreach (var manifest in foreign.Where(manifest => !ManifestRules.Problems(manifest).Any()))
        {
            both.Add(manifest, null, isOwn: false);
        }

        return both;
    }

    /// <summary>The step of an exact version; null if this host does not have it.</summary>
    public StepDescriptor? Find(string slug, string version) =>
        SemanticVersion.TryParse(version, out var exact) ? Versions(slug).FirstOrDefault(step => step.Version == exact)?.Descriptor : null;

    /// <summary>The versions of a step, ascending; empty if it is unknown.</summary>
    public IReadOnlyList<KnownStep> Versions(string slug) =>
        steps.TryGetValue(slug, out var versions) ? [.. versions.OrderBy(step => step.Version)] : [];

    /// <summary>
    /// The highest version that will do: one of this host's own before one that only others have, a release before a pre-release.
    /// </summary>
    public bool TryResolve(string slug, VersionRange range, [NotNullWhen(true)] out KnownStep? step)
    {
        step = Versions(slug)
            .Where(known => range.Satisfies(new NuGetVersion(known.Manifest.Version)))
            .OrderByDescending(known => known.IsOwn)
            .ThenBy(known => known.Version.IsPrerelease)
            .ThenByDescending(known => known.Version)
            .FirstOrDefault();
        return step is not null;
    }

    private static bool Same(StepDescriptor one, StepDescriptor other) => one == other || (one.Type is not null && one.Type == other.Type);

    /// <summary>Adds a step, or returns the one that is there already.</summary>
    private KnownStep? Add(StepManifest manifest, StepDescriptor? descriptor, bool isOwn)
    {
        var version = SemanticVersion.Parse(manifest.Version);
        if (!steps.TryGetValue(manifest.Slug, out var versions))
        {
            steps.Add(manifest.Slug, versions = []);
        }

        var there = versions.Find(known => known.Version == version);
        if (there is null)
        {
            versions.Add(new(manifest, version, descriptor, isOwn));
        }

        return there;
    }
}
