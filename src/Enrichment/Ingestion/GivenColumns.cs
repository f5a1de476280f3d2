namespace Enrichment.Ingestion;

/// <summary>
/// The columns that people map themselves, before workstream and vocabulary: those given with the upload, else those that the client has
/// for files with the same headers; then those that it has for the workstream.
/// </summary>
/// <param name="given">Given with the upload: a header and its field, null for none.</param>
/// <param name="mappings">The client's, ascending by number.</param>
internal sealed class GivenColumns(IReadOnlyDictionary<string, string?> given, IReadOnlyList<ColumnMapping> mappings)
{
    private readonly Dictionary<string, string?> fields = new(StringComparer.Ordinal);

    public static GivenColumns None { get; } = new(new Dictionary<string, string?>(), []);

    /// <summary>By normalised header the field of each column that is mapped; null: it feeds nothing.</summary>
    public IReadOnlyDictionary<string, string?> Fields => fields;

    /// <summary>The numbers of the mappings that serve.</summary>
    public SortedSet<int> Numbers { get; } = [];

    /// <summary>The headers of the file, normalised.</summary>
    public IReadOnlyList<string> Headers { get; private set; } = [];

    /// <summary>What is given with the upload, if the client has no such mapping of these headers yet.</summary>
    public IReadOnlyDictionary<string, string?>? ToRemember { get; private set; }

    /// <summary>A column's header as it is compared; its place where it has none.</summary>
    public static string NameOf(IReadOnlyList<string> headers, int column) =>
        HeaderName.Normalize(headers[column]) is { Length: > 0 } name ? name : FormattableString.Invariant($"column{column + 1}");

    /// <summary>Finds what holds for a file.</summary>
    /// <exception cref="UploadException">A column that is given is not there, or its field cannot be one.</exception>
    public void Choose(string workstream, IReadOnlyList<string> headers)
    {
        Headers = [.. headers.Select((_, column) => NameOf(headers, column))];
        var own = InForce(mapping => mapping.Headers?.SequenceEqual(Headers) == true);
        var kind = InForce(mapping => mapping.Workstream == workstream);
        Use(kind);
        if (given.Count == 0)
        {
            Use(own);
            return;
        }

        var wanted = given.ToDictionary(column => HeaderName.Normalize(column.Key), column => column.Value, StringComparer.Ordinal);
        foreach (var (header, field) in given)
        {
            RequireField(header, field);
            if (!Headers.Contains(HeaderName.Normalize(header)))
            {
                throw new UploadException(
                    "column_unknown",
                    $"The file has no column '{Excerpt.Of(header)}'.{Nearest.Hint(header, headers)} Correct the header of the mapping.");
            }
        }

        Put(wanted);
        var isKnown = own?.Columns is { } known && known.Count == wanted.Count
            && wanted.All(column => known.TryGetValue(column.Key, out var field) && field == column.Value);
        if (isKnown)
        {
            Numbers.Add(own!.Number);
        }
        else
        {
            ToRemember = wanted;
        }
    }

    /// <exception cref="UploadException">It cannot be the name of a field.</exception>
    public static void RequireField(string header, string? field)
    {
        if (HeaderName.Normalize(header).Length == 0 || (field is not null && !FieldName.IsValid(field)))
        {
            throw new UploadException(
                "mapping_invalid",
                $"Column '{Excerpt.Of(header)}' cannot be mapped to '{Excerpt.Of(field ?? "")}': a header has letters or digits, and a field is {FieldName.Form}.");
        }
    }

    private ColumnMapping? InForce(Func<ColumnMapping, bool> scope) =>
        mappings.LastOrDefault(scope) is { Columns: not null } mapping ? mapping : null;

    private void Use(ColumnMapping? mapping)
    {
        if (mapping?.Columns is { } columns && columns.Keys.Any(Headers.Contains))
        {
            Put(columns);
            Numbers.Add(mapping.Number);
        }
    }

    private void Put(IReadOnlyDictionary<string, string?> columns)
    {
        foreach (var (header, field) in columns)
        {
            fields[header] = field;
        }
    }
}
