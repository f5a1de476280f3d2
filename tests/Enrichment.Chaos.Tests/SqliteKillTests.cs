namespace Enrichment.Chaos.Tests;

public sealed class SqliteKillTests() : KillTests("sqlite");
