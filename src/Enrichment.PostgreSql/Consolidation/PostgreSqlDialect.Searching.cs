using Enrichment.Consolidation.Tables;

namespace Enrichment.PostgreSql.Consolidation;

/// <content>A row has its words as a text-search vector without places; a GIN index finds them by their beginnings.</content>
internal sealed partial class PostgreSqlDialect
{
    public override string Matches(TableVersion version) => $"t.{Words} @@ cast(@search as tsquery)";

    public override string Searched(IEnumerable<string> words) => string.Join(" & ", words.Select(word => $"'{word}':*"));

    public override IEnumerable<(string Name, string Create)> Indexes(TableVersion version) => base.Indexes(version).Concat(
        version.Projection.IsSearched
            ? [(Search(version), $"create index {Quote(Search(version))} on {Table(version.Table)} using gin ({Words})")]
            : []);

    protected override string WordsColumn => $"{Words} tsvector not null default '', ";

    protected override string UpdateWords(TableVersion version) =>
        $"""
        update {Table(version.Items)} t
           set {Words} = array_to_tsvector(string_to_array(w.words, ' '))
          from unnest(@items, @words) w (item, words)
         where t.bucket = @bucket and t.client = @client and t.batch = @batch and t.item = w.item
        """;

    protected override Dictionary<string, object> WordsOf(IReadOnlyList<(int Item, string Words)> rows) =>
        new() { ["items"] = rows.Select(row => row.Item).ToArray(), ["words"] = rows.Select(row => row.Words).ToArray() };
}
