namespace Enrichment.Providers.Http.Tests;

/// <summary>Tests that count what the process allocates, and so run beside no other.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
