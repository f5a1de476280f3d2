using Enrichment.Storage;

namespace Enrichment.Tests.Storage;

public sealed class StoreSchemaTests
{
    private static readonly StoreSchema Known = new(
        [new(1, "0001_first", "a", ""), new(2, "0002_second", "b", "")],
        [new("item_states", "x", ""), new("claim_work", "y", "")],
        Version: 2);

    [Theory]
    [InlineData(0, nameof(SchemaState.Missing))]
    [InlineData(1, nameof(SchemaState.Older))]
    [InlineData(2, nameof(SchemaState.Current))]
    public void A_schema_is_current_once_it_has_had_every_migration(int applied, string expected) =>
        Assert.Equal(expected, Known.StateOf([.. Applied.Take(applied)], Made(version: 2, "x", "y")).ToString());

    [Theory]
    [InlineData(1, "x", "old", "claim_work")]
    [InlineData(2, "old", "y", "item_states")]
    [InlineData(2, "old", "old", "item_states, claim_work")]
    [InlineData(2, "x", "y", "")]
    [InlineData(3, "new", "y", "")]
    public void Objects_whose_text_has_moved_are_made_anew_unless_a_newer_version_made_any(
        int version,
        string view,
        string function,
        string outdated)
    {
        var made = Made(version, view, function);

        Assert.Equal(outdated, string.Join(", ", Known.Outdated(made).Select(next => next.Name)));
        Assert.Equal(outdated.Length > 0 ? SchemaState.Older : SchemaState.Current, Known.StateOf(Applied, made));
    }

    [Fact]
    public void A_migration_makes_all_objects_anew_because_it_may_have_dropped_some()
    {
        Assert.Equal(2, Known.Outdated(Made(version: 2, "x", "y"), migrated: true).Count);
        Assert.Equal(2, Known.Outdated([]).Count);
    }

    [Fact]
    public void A_migration_of_a_newer_version_is_borne_unless_it_breaks_this_one()
    {
        var made = Made(version: 3, "x", "y");
        Assert.Equal(SchemaState.Current, Known.StateOf([.. Applied, new(3, "c", Breaks: false)], made));

        var broken = Assert.Throws<EnrichmentException>(() => Known.StateOf([.. Applied, new(3, "c", Breaks: true)], made));
        Assert.Contains("Upgrade this host", broken.Message, StringComparison.Ordinal);
        var changed = Assert.Throws<EnrichmentException>(() => Known.StateOf([new(1, "z", Breaks: false)], made));
        Assert.Contains("has changed since", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_migration_that_says_so_breaks_older_hosts()
    {
        Assert.True(
            Migration
                .Of("0003_split", "-- Breaks older hosts: they write the column that is gone.\nalter table a drop column b;", "s")
                .Breaks);
        Assert.False(Migration.Of("0003_more", "-- Adds a column.\nalter table a add column b text;", "s").Breaks);
    }

    [Fact]
    public void A_comment_at_the_head_of_an_object_does_not_move_its_hash() =>
        Assert.Equal(
            SchemaObject.Of("v", "-- one\ncreate view v as select 1;", "s").Hash,
            SchemaObject.Of("v", "-- two\n-- three\ncreate view v as select 1;", "t").Hash);

    private static AppliedMigration[] Applied => [new(1, "a", Breaks: false), new(2, "b", Breaks: false)];

    private static MadeObject[] Made(int version, string view, string function) =>
        [new("item_states", view, version), new("claim_work", function, 1)];
}
