namespace Enrichment.Chaos.Tests;

public sealed class SqliteDrainTests() : DrainTests("sqlite");
