namespace Enrichment.Pipelines;

/// <summary>Gives the value of a secret that step settings name as <c>secret:NAME</c>; null if there is none of that name, or if the one who names it may not have it.</summary>
/// <remarks>Asked at preflight and again before claimed work is called, by several threads at once: answer from memory. What it answers is never stored, logged or put into an error.</remarks>
/// <param name="request">Which secret, and for whom.</param>
public delegate string? SecretResolver(SecretRequest request);
