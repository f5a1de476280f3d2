using System.Collections.Immutable;
using System.Globalization;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Querying;
using Enrichment.Diagnostics;
using Enrichment.Json;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation;

/// <summary>
/// A question to the live table of a projection about one client's rows: a filter, an order, perhaps a batch. Immutable: each method gives
/// another query.
/// </summary>
/// <remarks>
/// Filter and order name the columns of the live version. They are checked when the query is sent: a column that the table does not have,
/// and a value that is not of the column's type, are an <see cref="EnrichmentException"/> that says how to write it.
/// </remarks>
public sealed partial class ProjectionQuery
{
    private const int MostSortColumns = 4;
    private const int MostRows = 1_000;
    private const int MostWords = 20;
    private const int LongestSearch = 1_000;
    private const int MostFacets = 15;
    private const int MostFacetValues = 1_000;

    private readonly IProjectionTransactions store;
    private readonly IExportStore exports;
    private readonly TimeProvider time;
    private readonly Telemetry telemetry;

    internal ProjectionQuery(
        IProjectionTransactions store,
        IExportStore exports,
        TimeProvider time,
        Telemetry telemetry,
        Projection projection,
        string client)
    {
        this.store = store;
        this.exports = exports;
        this.time = time;
        this.telemetry = telemetry;
        Projection = projection;
        Client = client;
    }

    private ProjectionQuery(ProjectionQuery other)
        : this(other.store, other.exports, other.time, other.telemetry, other.Projection, other.Client) =>
        (Terms, Words, Sort, Batch, Day) = (other.Terms, other.Words, other.Sort, other.Batch, other.Day);

    /// <summary>The host's definition.</summary>
    internal Projection Projection { get; }

    /// <summary>The client's slug.</summary>
    internal string Client { get; }

    /// <summary>The conditions that a row has to satisfy, none of which is a group of such conditions.</summary>
    internal ImmutableArray<Condition> Terms { get; private init; } = [];

    /// <summary>The words of which each has to begin a word of a row.</summary>
    internal ImmutableSortedSet<string> Words { get; private init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The columns by which rows are sorted.</summary>
    internal ImmutableArray<(string Column, bool Descending)> Sort { get; private init; } = [];

    /// <summary>The batch whose rows are asked for; null for all.</summary>
    internal Guid? Batch { get; private init; }

    /// <summary>The day that <c>as_of</c> means; null for today.</summary>
    internal DateOnly? Day { get; private init; }

    /// <summary>Only rows that satisfy a condition on their columns. Called again: that satisfy each of the conditions.</summary>
    public ProjectionQuery Where(Condition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new(this) { Terms = [.. Terms, .. Flat(condition)] };
    }

    /// <summary>Only rows that satisfy a condition, written as JSON. Called again: that satisfy each of the conditions.</summary>
    /// <exception cref="EnrichmentException">It is not a condition; the message names the place and the expected form.</exception>
    public ProjectionQuery Where(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Where(Condition.Parse(json, "filter"));
    }

    /// <summary>
    /// Only rows that have words beginning with each word of a text, in columns that are <see cref="SourceBuilder.Searched"/>: <c>ann smi</c>
    /// finds Smith, Anna. Case and diacritics do not count. Called again: the words of each text.
    /// </summary>
    /// <param name="text">At most 1,000 characters and 20 words.</param>
    /// <exception cref="EnrichmentException">It has no word, or too many.</exception>
    public ProjectionQuery Search(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > LongestSearch)
        {
            throw new EnrichmentException(
                string.Create(CultureInfo.InvariantCulture, $"The search has {text.Length} characters. Give at most {LongestSearch:n0}."));
        }

        if (JsonGate.Refuse(text) is { } refusal)
        {
            throw new EnrichmentException($"The search for '{Excerpt.Of(text)}' is refused: {refusal.Reason}.");
        }

        var words = Words.Union(SearchedWords.Of([text]));
        return words.Count is > 0 and <= MostWords
            ? new(this) { Words = words }
            : throw new EnrichmentException(words.Count == 0
                ? $"The search for '{Excerpt.Of(text)}' has no word. Give letters or digits."
                : $"The search has {words.Count} words. Give at most {MostWords}.");
    }

    /// <summary>
    /// Sorts by a column; rows without a value come last. Called again: rows that have the same value are sorted by the next column. Rows
    /// that are equal in all of them, and rows of a query without an order, come as in the file, the oldest batch first; if the last column
    /// is descending, the other way round.
    /// </summary>
    /// <param name="column">A column that is neither a list nor JSON. Texts are sorted by the bytes of their first 100 characters.</param>
    /// <param name="descending">Whether the greatest value comes first.</param>
    /// <exception cref="EnrichmentException">There are four columns already, or the column is one of them.</exception>
    public ProjectionQuery OrderBy(string column, bool descending = false)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (Sort.Any(sort => sort.Column == column))
        {
            throw new EnrichmentException($"The rows are sorted by '{Excerpt.Of(column)}' twice. Name each column once.");
        }

        return Sort.Length < MostSortColumns
            ? new(this) { Sort = Sort.Add((column, descending)) }
            : throw new EnrichmentException($"Rows are sorted by at most {MostSortColumns} columns.");
    }

    /// <summary>Only rows of a batch.</summary>
    public ProjectionQuery InBatch(Guid batch) => new(this) { Batch = batch };

    /// <summary>Sets the day that <c>as_of</c> means in expressions. Without it: today in UTC, or the day of a walk's first page.</summary>
    public ProjectionQuery AsOf(DateOnly day) => new(this) { Day = day };

    /// <summary>Reads a page of rows.</summary>
    /// <remarks>
    /// A walk over the pages, in either direction, has each row once as long as the table does not change. A row that another consolidation
    /// writes meanwhile may be seen twice or not at all; no other row is.
    /// </remarks>
    /// <param name="limit">How many rows, from 1 to 1,000.</param>
    /// <param name="cursor">
    /// <see cref="ProjectedPage.Next"/> or <see cref="ProjectedPage.Previous"/> of a page of the same query; null for the first page.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">
    /// Filter or order does not fit the table, the table was never made, or the cursor is one of another query, client or version.
    /// </exception>
    public Task<ProjectedPage> ReadPageAsync(int limit = 100, string? cursor = null, CancellationToken cancellationToken = default) =>
        RunAsync(Checked(limit, MostRows, "limit"), (query, most) => query.PageAsync(most, cursor, cancellationToken), cancellationToken);

    /// <summary>Counts the rows.</summary>
    /// <param name="cap">Where counting ends. Null: it does not, and reads all rows of the client.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">The filter does not fit the table, or the table was never made.</exception>
    public Task<RowCount> CountAsync(int? cap = 10_000, CancellationToken cancellationToken = default) =>
        RunAsync(Checked(cap ?? 1, int.MaxValue - 1, "cap"), (query, _) => query.CountAsync(cap, cancellationToken), cancellationToken);

    /// <summary>
    /// Counts the values of columns among the rows. A column's own conditions do not count for its facet, so that the other values can be
    /// chosen too: those are the conditions, joined by <c>all</c>, that name this column alone.
    /// </summary>
    /// <param name="columns">1 to 15 columns, each once. JSON has no facet.</param>
    /// <param name="limit">How many values of each column, from 1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The facets in the order of the columns.</returns>
    /// <exception cref="EnrichmentException">Filter or columns do not fit the table, or the table was never made.</exception>
    public Task<IReadOnlyList<Facet>> ReadFacetsAsync(
        IEnumerable<string> columns,
        int limit = 20,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(columns);
        string[] names = [.. columns];
        if (names.Length is 0 or > MostFacets || names.Distinct(StringComparer.Ordinal).Count() < names.Length)
        {
            throw new EnrichmentException($"Facets are counted of 1 to {MostFacets} columns, each given once.");
        }

        return RunAsync(
            Checked(limit, MostFacetValues, "limit"),
            (query, most) => query.FacetsAsync(names, most, cancellationToken),
            cancellationToken);
    }

    /// <summary>Counts for each column the rows that have a value. Reads all rows of the query.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The counts by column, in the order of the columns.</returns>
    /// <exception cref="EnrichmentException">The filter does not fit the table, or the table was never made.</exception>
    public Task<IReadOnlyDictionary<string, long>> ReadAvailabilityAsync(CancellationToken cancellationToken = default) =>
        RunAsync(0, (query, _) => query.AvailabilityAsync(cancellationToken), cancellationToken);

    private DateOnly Today => Day ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Reads which rows of uploads the found rows are, for a launch.</summary>
    internal Task<QueriedItems> ReadItemsAsync(int? limit, CancellationToken cancellationToken) =>
        RunAsync(0, (query, _) => query.ItemsAsync(limit, cancellationToken), cancellationToken);

    private Task<T> RunAsync<T>(int limit, Func<QueryRun, int, Task<T>> run, CancellationToken cancellationToken) => store.LookAsync(
        Projection.Name,
        async session => await run(
            await QueryRun
                .BeginAsync(session, this, Today, cancellationToken)
                .ConfigureAwait(false),
            limit).ConfigureAwait(false),
        cancellationToken);

    private static int Checked(int given, int most, string name) => given >= 1 && given <= most ? given
        : throw new EnrichmentException(string.Create(CultureInfo.InvariantCulture, $"The {name} is {given}. Give a number from 1 to {most}."));

    private static IEnumerable<Condition> Flat(Condition condition) =>
        condition is ConditionGroup { IsAll: true } group ? group.Conditions.SelectMany(Flat) : [condition];
}
