using Enrichment.Consolidation.Tables;

namespace Enrichment.Sqlite.Consolidation;

/// <content>
/// A full-text table (FTS5) has the words of each row under the row's number, and triggers keep it. It keeps no text: the row has its
/// words. These are folded already, so its tokenizer only parts them at blanks: it takes letters and digits of ASCII, and all that is not
/// ASCII.
/// </content>
internal sealed partial class SqliteDialect
{
    // A number that is declared stays the same; the hidden one of a row may change when the file is compacted.
    private const string Number = "row_id";

    public override string Matches(TableVersion version) =>
        $"t.{Number} in (select f.rowid from {Table(Search(version))} f where f.{Quote(Search(version))} match @search)";

    public override string Searched(IEnumerable<string> words) => string.Join(" AND ", words.Select(word => $"\"{word}\" *"));

    // No index serves it but that of the numbers.
    public override string BySearch => "+t.bucket >= 0";

    public override string Drop(TableVersion version) => version.Projection.IsSearched
        ? $"{base.Drop(version)}drop table if exists {Table(Search(version))};"
        : base.Drop(version);

    protected override string WordsColumn => $"{Words} text not null default '', ";

    protected override string NumberColumn => $"{Number} integer primary key, ";

    protected override string Unique(string key) => $"unique ({key})";

    protected override IEnumerable<string> CreateSearch(TableVersion version)
    {
        var (table, search) = (Table(version.Table), Table(Search(version)));
        var insert = $"insert into {search} (rowid, words) values (new.{Number}, new.{Words});";
        var delete = $"delete from {search} where rowid = old.{Number};";
        yield return $"create virtual table {search} using fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii', detail = none)";
        yield return $"create trigger {Table(Search(version) + "_insert")} after insert on {table} begin {insert} end";
        yield return $"create trigger {Table(Search(version) + "_delete")} after delete on {table} begin {delete} end";
        yield return $"create trigger {Table(Search(version) + "_update")} after update of {Words} on {table} when old.{Words} <> new.{Words} begin {delete} {insert} end";
    }

    protected override string UpdateWords(TableVersion version) =>
        $"""
        update {Table(version.Items)} as t
           set {Words} = w.value ->> 1
          from json_each(@words) w
         where t.bucket = @bucket and t.client = @client and t.batch = @batch and t.item = w.value ->> 0
        """;

    protected override Dictionary<string, object> WordsOf(IReadOnlyList<(int Item, string Words)> rows) => new()
    {
        ["words"] = JsonRows.Of(rows, (cells, row) =>
        {
            cells.WriteNumberValue(row.Item);
            cells.WriteStringValue(row.Words);
        }),
    };
}
