namespace Enrichment.Pipelines;

/// <summary>A step's options with the secrets' values in them.</summary>
/// <param name="Value">An instance of the step's options type; null if it takes none.</param>
/// <param name="Redactor">Knows the secrets that were put in.</param>
internal sealed record BoundOptions(object? Value, Redactor Redactor);
