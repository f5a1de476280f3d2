namespace Enrichment.Ingestion;

/// <summary>A header map applied to the columns of one upload.</summary>
internal sealed class HeaderBinding
{
    private readonly HeaderMap _map;
    private readonly Dictionary<string, int[]> _columns;

    private HeaderBinding(HeaderMap map, Dictionary<string, int[]> columns, IReadOnlyList<(int Column, string[] Fields)> contested)
    {
        _map = map;
        _columns = columns;
        Contested = contested;
    }

    /// <summary>Each mapped field with its columns' positions from 0, best first: its value is the first of them that is not blank.</summary>
    public IEnumerable<(string Field, int[] Columns)> Fields => _map.Fields.Where(f => _columns.ContainsKey(f.Field)).Select(f => (f.Field, _columns[f.Field]));

    /// <summary>Columns whose header several fields claim; the first named has it.</summary>
    public IReadOnlyList<(int Column, string[] Fields)> Contested { get; }

    public static HeaderBinding Bind(HeaderMap map, IReadOnlyList<string> headers)
    {
        var claims = Claims(map);
        var contested = new List<(int, string[])>();
        var taken = new Dictionary<string, List<(int Rank, int Column)>>();
        for (int column = 0; column < headers.Count; column++)
        {
            if (!claims.TryGetValue(HeaderName.Normalize(headers[column]), out List<(string Field, int Rank)>? claim))
                continue;
            (string winner, int rank) = claim[0];
            if (!taken.TryGetValue(winner, out List<(int, int)>? columns))
                taken[winner] = columns = [];
            columns.Add((rank, column));
            if (claim.Count > 1)
                contested.Add((column, [.. claim.Select(c => c.Field)]));
        }

        return new HeaderBinding(map, taken.ToDictionary(t => t.Key, t => t.Value.Order().Select(c => c.Column).ToArray()), contested);
    }

    /// <summary>Why a row cannot be accepted, or null.</summary>
    /// <param name="filled">By column: whether the row has a value there that is not blank.</param>
    public (string Code, string Reason)? Refuse(ReadOnlySpan<bool> filled)
    {
        foreach (string field in _map.Required)
        {
            if (!HasValue(field, filled))
                return ("required_field_blank", $"The required field {field} is blank{Whence(field)}.");
        }

        foreach (var group in _map.AnyOf)
        {
            bool any = false;
            foreach (string field in group)
                any |= HasValue(field, filled);
            if (!any)
                return ("any_of_blank", $"At least one of {string.Join(", ", group)} must have a value; all are blank.");
        }

        return null;
    }

    private bool HasValue(string field, ReadOnlySpan<bool> filled)
    {
        if (!_columns.TryGetValue(field, out int[]? columns))
            return false;
        foreach (int column in columns)
        {
            if (column < filled.Length && filled[column])
                return true;
        }

        return false;
    }

    private string Whence(string field) =>
        _columns.ContainsKey(field) ? "" : $": no column has one of its headers ({string.Join(", ", _map.Fields.First(f => f.Field == field).Headers)})";

    /// <summary>For each header the fields that claim it, the best rank first, then the order of declaration.</summary>
    private static Dictionary<string, List<(string Field, int Rank)>> Claims(HeaderMap map)
    {
        var claims = new Dictionary<string, List<(string Field, int Rank)>>(StringComparer.Ordinal);
        foreach (FieldHeaders field in map.Fields)
        {
            for (int rank = 0; rank < field.Headers.Length; rank++)
            {
                string header = HeaderName.Normalize(field.Headers[rank]);
                if (!claims.TryGetValue(header, out List<(string Field, int Rank)>? claim))
                    claims[header] = claim = [];
                if (!claim.Exists(c => c.Field == field.Field))
                    claim.Add((field.Field, rank));
            }
        }

        foreach (List<(string Field, int Rank)> claim in claims.Values.Where(c => c.Count > 1))
        {
            (string Field, int Rank)[] sorted = [.. claim.OrderBy(c => c.Rank)];
            claim.Clear();
            claim.AddRange(sorted);
        }

        return claims;
    }
}
