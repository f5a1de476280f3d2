using Enrichment.Storage;

namespace Enrichment.Tests.Storage;

public sealed class MigrationStateTests
{
    private static readonly Migration[] Known = [new(1, "0001_first", "a", ""), new(2, "0002_second", "b", "")];

    [Theory]
    [InlineData(0, nameof(SchemaState.Missing))]
    [InlineData(1, nameof(SchemaState.Older))]
    [InlineData(2, nameof(SchemaState.Current))]
    public void A_schema_is_current_once_it_has_had_every_migration(int applied, string expected) =>
        Assert.Equal(expected, Migration.StateOf(Known.Take(applied).ToDictionary(migration => migration.Number, migration => migration.Checksum), Known).ToString());
}
