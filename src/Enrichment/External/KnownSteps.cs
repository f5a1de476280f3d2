using System.Collections.Concurrent;
using Enrichment.Providers;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>Whether a step that a worker asks for is one at all: a misspelt one would get "nothing is due" for ever. Thread-safe.</summary>
internal sealed class KnownSteps(IManifestStore store, StepCatalogue catalogue)
{
    // Steps are never unlearned. Only names that somebody has shown are in it, so that it does not grow by what workers make up.
    private readonly ConcurrentDictionary<(string Step, string? Version), byte> known = new();

    /// <exception cref="EnrichmentException">
    /// No host has shown such a step, or not of that version; the message names the nearest.
    /// </exception>
    public async ValueTask RequireAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        if (known.ContainsKey((request.Step, request.Version)))
        {
            return;
        }

        IReadOnlyList<StepManifest> manifests =
        [
            .. catalogue.Manifests,
            .. await store.ReadManifestsAsync(cancellationToken).ConfigureAwait(false),
        ];
        var versions = manifests
            .Where(manifest => manifest.Slug == request.Step)
            .Select(manifest => manifest.Version)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        if (versions.Count == 0)
        {
            var hint = Nearest.Hint(request.Step, manifests.Select(manifest => manifest.Slug).Distinct());
            throw new EnrichmentException(
                $"step: no host has shown a step '{Excerpt.Of(request.Step)}'.{hint} Start a host with a worker that declares or runs the step.");
        }

        if (request.Version is { } version && !versions.Contains(version))
        {
            throw new EnrichmentException(
                $"version: no host has shown {request.Step} {Excerpt.Of(version)}, only {string.Join(", ", versions)}.");
        }

        known.TryAdd((request.Step, request.Version), 0);
    }
}
