namespace Enrichment.Consolidation.Tests;

public sealed class On_PostgreSQL : ConsolidationClaims
{
    protected override async Task<Ground> CreateAsync() => await PostgreSqlGround.CreateAsync();
}
