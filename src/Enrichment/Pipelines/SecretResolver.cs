namespace Enrichment.Pipelines;

/// <summary>Where secrets come from: null for one that is not there. What it throws is passed on to the launch or the work.</summary>
internal delegate ValueTask<string?> SecretResolver(SecretRequest secret, CancellationToken cancellationToken);
