namespace Enrichment.Pipelines;

/// <summary>Gives the value of a secret that step settings name as <c>secret:NAME</c>; null if there is none of that name.</summary>
/// <remarks>Asked at preflight and again before each portion of work, by several threads at once: answer from memory. What it answers is never stored, logged or put into an error.</remarks>
/// <param name="name">The name after <c>secret:</c>, made of letters, digits, <c>_</c>, <c>-</c> and <c>.</c>.</param>
public delegate string? SecretResolver(string name);
