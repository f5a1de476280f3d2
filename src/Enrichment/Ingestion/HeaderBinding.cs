using Enrichment.Ingestion.Fields;
using Enrichment.Normalization;

namespace Enrichment.Ingestion;

/// <summary>A header map, and the vocabulary of all lists, applied to the columns of one upload.</summary>
internal sealed class HeaderBinding
{
    /// <summary>The column of an export of rejected rows in which a row that was not mended has the code.</summary>
    public const string RejectionColumn = "enrichment.code";

    // More than any field has headers.
    private const int BehindOwn = 10_000;
    private readonly HeaderMap map;
    private readonly OrderedDictionary<string, int[]> columns;
    private readonly int rejection; // The position of that column, or -1.
    private readonly bool[] judged; // By column: asked of every cell of every row.

    private HeaderBinding(
        HeaderMap map,
        OrderedDictionary<string, int[]> columns,
        IReadOnlyList<(int Column, string[] Fields)> contested,
        int rejection)
    {
        this.map = map;
        this.columns = columns;
        this.rejection = rejection;
        int[] judged = [.. map.Required.Concat(map.AnyOf.SelectMany(group => group))
            .SelectMany(field => columns.TryGetValue(field, out var positions) ? positions : [])];
        this.judged = new bool[judged.DefaultIfEmpty(-1).Max() + 1];
        Array.ForEach(judged, column => this.judged[column] = true);
        Contested = contested;
    }

    /// <summary>
    /// Each mapped field with its columns' positions from 0, best first: its value is the first of them that is not blank.
    /// </summary>
    public IEnumerable<(string Field, int[] Columns)> Fields => columns.Select(c => (c.Key, c.Value));

    /// <summary>Columns whose header several fields claim; the first named has it.</summary>
    public IReadOnlyList<(int Column, string[] Fields)> Contested { get; }

    /// <summary>
    /// Columns go to the fields that people give them, then to the map's own headers; the others go by the vocabulary that all lists share,
    /// behind those where both feed one field.
    /// </summary>
    public static HeaderBinding Bind(
        HeaderMap map,
        IReadOnlyList<string> headers,
        ListSample sample,
        IReadOnlyDictionary<string, string?> given,
        Func<string, HeaderMeaning?> find)
    {
        var claims = Claims(map);
        var contested = new List<(int, string[])>();
        var claimed = new Dictionary<int, string>();
        var taken = new List<(string Field, int Rank, int Column)>();
        for (var column = 0; column < headers.Count && claims.Count + given.Count > 0; column++)
        {
            if (given.Count > 0 && given.TryGetValue(GivenColumns.NameOf(headers, column), out var field))
            {
                claimed.Add(column, field ?? "");
                taken.AddRange(field is null ? [] : [(field, -1, column)]);
                continue;
            }

            if (!claims.TryGetValue(HeaderName.Normalize(headers[column]), out var claim))
            {
                continue;
            }

            var (winner, rank) = claim[0];
            claimed.Add(column, winner);
            taken.Add((winner, rank, column));
            if (claim.Count > 1)
            {
                contested.Add((column, [.. claim.Select(c => c.Field)]));
            }
        }

        foreach (var (column, (meant, rank)) in ColumnMeanings.Of(headers, sample, claimed, map.List, find))
        {
            taken.Add((meant, BehindOwn + rank, column));
        }

        var columns = taken.OrderBy(t => t.Rank).ThenBy(t => t.Column).GroupBy(t => t.Field, t => t.Column)
            .ToDictionary(t => t.Key, t => t.ToArray());
        var ordered = new OrderedDictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var known in map.Fields.Select(f => f.Field).Concat(FieldVocabulary.Shared.Fields.Select(f => f.Name))
            .Concat(columns.Keys.Order(StringComparer.Ordinal)))
        {
            if (columns.TryGetValue(known, out var positions))
            {
                ordered.TryAdd(known, positions);
            }
        }

        var rejection = headers.Index().Where(header => header.Item.Trim() == RejectionColumn).Select(header => header.Index);
        return new HeaderBinding(map, ordered, contested, rejection.FirstOrDefault(-1));
    }

    /// <summary>
    /// Whether a cell that is not blank is a value. In columns that decide whether a row is accepted, a placeholder such as <c>#REF!</c> is
    /// not a value.
    /// </summary>
    public bool IsValue(int column, ReadOnlySpan<byte> cell) => column >= judged.Length || !judged[column] || !BlankText.IsBlank(cell);

    /// <summary>Why a row cannot be accepted, or null.</summary>
    /// <param name="filled">By column: whether the row has a value there that is not blank.</param>
    public (string Code, string Reason)? Refuse(ReadOnlySpan<bool> filled)
    {
        if (rejection >= 0 && rejection < filled.Length && filled[rejection])
        {
            return (
                "still_rejected",
                $"The row was rejected before and is not marked as mended: its cell under {RejectionColumn} is not blank. Mend the row and empty the cell.");
        }

        foreach (var field in map.Required)
        {
            if (!HasValue(field, filled))
            {
                return ("required_field_blank", $"The required field {field} is blank{Whence(field)}.");
            }
        }

        foreach (var group in map.AnyOf)
        {
            var any = false;
            foreach (var field in group)
            {
                any |= HasValue(field, filled);
            }

            if (!any)
            {
                return ("any_of_blank", $"At least one of {string.Join(", ", group)} must have a value; all are blank.");
            }
        }

        return null;
    }

    private bool HasValue(string field, ReadOnlySpan<bool> filled)
    {
        if (!this.columns.TryGetValue(field, out var columns))
        {
            return false;
        }

        foreach (var column in columns)
        {
            if (column < filled.Length && filled[column])
            {
                return true;
            }
        }

        return false;
    }

    private string Whence(string field) =>
        columns.ContainsKey(field) ? "" : $": no column has one of its headers ({string.Join(", ", HeadersOf(field))})";

    private IEnumerable<string> HeadersOf(string field) =>
        (map.Fields.FirstOrDefault(f => f.Field == field)?.Headers ?? [])
            .Concat(FieldVocabulary.Shared.ByName(field)?.Headers.Where(h => h[0] != '@').Take(5) ?? []);

    /// <summary>For each header the fields that claim it, the best rank first, then the order of declaration.</summary>
    private static Dictionary<string, List<(string Field, int Rank)>> Claims(HeaderMap map)
    {
        var claims = new Dictionary<string, List<(string Field, int Rank)>>(StringComparer.Ordinal);
        foreach (var field in map.Fields)
        {
            for (var rank = 0; rank < field.Headers.Length; rank++)
            {
                var header = HeaderName.Normalize(field.Headers[rank]);
                if (!claims.TryGetValue(header, out var claim))
                {
                    claims[header] = claim = [];
                }

                if (!claim.Exists(c => c.Field == field.Field))
                {
                    claim.Add((field.Field, rank));
                }
            }
        }

        foreach (var claim in claims.Values.Where(c => c.Count > 1))
        {
            (string Field, int Rank)[] sorted = [.. claim.OrderBy(c => c.Rank)];
            claim.Clear();
            claim.AddRange(sorted);
        }

        return claims;
    }
}
