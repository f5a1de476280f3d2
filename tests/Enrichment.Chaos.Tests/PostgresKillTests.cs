namespace Enrichment.Chaos.Tests;

public sealed class PostgresKillTests() : KillTests("postgres");
