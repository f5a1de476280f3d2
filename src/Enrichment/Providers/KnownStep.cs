using NuGet.Versioning;

namespace Enrichment.Providers;

/// <summary>A step in one version.</summary>
/// <param name="Manifest">What it declares.</param>
/// <param name="Version">The manifest's version, comparable.</param>
/// <param name="Descriptor">How this host runs it; null if only other hosts have it.</param>
internal sealed record KnownStep(StepManifest Manifest, SemanticVersion Version, StepDescriptor? Descriptor);
