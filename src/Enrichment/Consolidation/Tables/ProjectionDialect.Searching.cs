using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tables;

/// <content>The words of rows, and how rows are found by them.</content>
internal abstract partial class ProjectionDialect
{
    /// <summary>The column of the words of a row, which no view shows.</summary>
    protected const string Words = "row_search";

    /// <summary>The name of what finds rows by their words.</summary>
    protected static string Search(TableVersion version) => version.Table + "_search";

    /// <summary>That each word of <c>@search</c>, which <see cref="Searched"/> has made a parameter, begins a word of a row <c>t</c>.</summary>
    public abstract string Matches(TableVersion version);

    /// <summary>Words as <see cref="Matches"/> takes them. None has a character that means something to either store.</summary>
    public abstract string Searched(IEnumerable<string> words);

    /// <summary>What a statement says in place of <see cref="InAnyBucket"/>, so that rows are found by their words.</summary>
    public virtual string BySearch => InAnyBucket;

    /// <summary>What makes a row of a searched table one, beside <see cref="NumberColumn"/>.</summary>
    protected virtual string Unique(string key) => $"primary key ({key})";

    /// <summary>The column of words in a table's definition.</summary>
    protected abstract string WordsColumn { get; }

    /// <summary>The column of a number by which a searched table's rows are found; empty if there is none.</summary>
    protected virtual string NumberColumn => "";

    /// <summary>What has to be made with the table, so that its rows are found by their words.</summary>
    protected virtual IEnumerable<string> CreateSearch(TableVersion version) => [];

    /// <summary>Writes words for the items of <c>@bucket</c>, <c>@client</c> and <c>@batch</c>.</summary>
    protected abstract string UpdateWords(TableVersion version);

    /// <summary>Items and their words as parameters.</summary>
    protected abstract Dictionary<string, object> WordsOf(IReadOnlyList<(int Item, string Words)> rows);

    // Rows that are copied from another version: that may have searched other columns.
    private async Task WriteWordsAsync(
        ProjectionSession session, TableVersion version, Dictionary<string, object> values, CancellationToken cancellationToken)
    {
        string[] columns = [.. version.Projection.Columns.Where(column => column.IsSearched).Select(column => Quote(column.Name))];
        var rows = new List<(int, string)>();
        var sql = $"select item, {string.Join(", ", columns)} from {Table(version.Items)} where bucket = @bucket and client = @client and batch = @batch";
        await using (var command = session.Command(sql, values))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var texts = columns.Select((_, index) => (string?)Read(reader, index + 1, ColumnType.Text)).OfType<string>();
                rows.Add((reader.GetInt32(0), string.Join(' ', SearchedWords.Of(texts))));
            }
        }

        await session.ExecuteAsync(
            UpdateWords(version), new(values.Concat(WordsOf(rows))), cancellationToken).ConfigureAwait(false);
    }
}
