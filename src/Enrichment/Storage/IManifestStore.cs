namespace Enrichment.Storage;

/// <summary>The steps that hosts have, shown to hosts that do not have them.</summary>
internal interface IManifestStore
{
    /// <summary>Shows the steps that this host has to hosts that do not.</summary>
    Task RegisterManifestsAsync(IReadOnlyList<StepManifest> manifests, CancellationToken cancellationToken);

    /// <summary>The manifests that any host has shown.</summary>
    Task<IReadOnlyList<StepManifest>> ReadManifestsAsync(CancellationToken cancellationToken);
}
