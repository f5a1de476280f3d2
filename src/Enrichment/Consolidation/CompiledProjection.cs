namespace Enrichment.Consolidation;

/// <summary>
/// The statements that consolidate one bucket of a batch, in order, and the values that they share. <c>@bucket</c>, <c>@batch</c>,
/// <c>@client</c>, <c>@upload</c> and <c>@projection</c> come on top.
/// </summary>
internal sealed record CompiledProjection(IReadOnlyList<string> Statements, IReadOnlyDictionary<string, object> Values);
