namespace Enrichment.Chaos.Tests;

public sealed class PostgresDrainTests() : DrainTests("postgres");
