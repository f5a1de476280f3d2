namespace Enrichment.Chaos.Tests;

public sealed class SqlitePoisonTests() : PoisonTests("sqlite");
