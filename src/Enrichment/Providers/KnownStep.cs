using NuGet.Versioning;

namespace Enrichment.Providers;

/// <summary>A step in one version.</summary>
/// <param name="Manifest">What it declares.</param>
/// <param name="Version">The manifest's version, comparable.</param>
/// <param name="Descriptor">How this host runs it; null if it does not.</param>
/// <param name="IsOwn">True if this host has or declares it, false if only other hosts have shown it.</param>
internal sealed record KnownStep(StepManifest Manifest, SemanticVersion Version, StepDescriptor? Descriptor, bool IsOwn);
