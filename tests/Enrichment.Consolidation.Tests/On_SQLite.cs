namespace Enrichment.Consolidation.Tests;

public sealed class On_SQLite : ConsolidationClaims
{
    protected override async Task<Ground> CreateAsync() => await SqliteGround.CreateAsync();
}
