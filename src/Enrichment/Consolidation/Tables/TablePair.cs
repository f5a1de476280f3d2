namespace Enrichment.Consolidation.Tables;

/// <summary>Two tables whose rows are compared.</summary>
/// <param name="Old">The one, which is called <c>o</c>.</param>
/// <param name="Young">The other, which is called <c>n</c>.</param>
/// <param name="ShowsOld">The condition, for an alias, by which readers see a row of the one.</param>
/// <param name="ShowsYoung">The same of the other.</param>
/// <param name="AreOne">That rows of both are of one thing.</param>
internal sealed record TablePair(
    string Old, string Young, Func<string, string> ShowsOld, Func<string, string> ShowsYoung, string AreOne);
