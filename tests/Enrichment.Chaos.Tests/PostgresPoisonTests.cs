namespace Enrichment.Chaos.Tests;

public sealed class PostgresPoisonTests() : PoisonTests("postgres");
