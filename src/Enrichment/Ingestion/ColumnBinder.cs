using Enrichment.Ingestion.Fields;

namespace Enrichment.Ingestion;

/// <summary>
/// Binds the columns of one upload to fields: by the workstream's own headers, then by the vocabulary that all lists share.
/// </summary>
/// <param name="map">The workstream's headers and rules.</param>
/// <param name="sample">What the upload's beginning looks like.</param>
/// <param name="given">The columns that people map themselves.</param>
internal sealed class ColumnBinder(HeaderMap map, ListSample sample, GivenColumns given)
{
    // For JSON lines the columns are bound again with each new property.
    private readonly Dictionary<string, HeaderMeaning?> meanings = new(StringComparer.Ordinal);

    /// <summary>For reading a beginning of which nothing is known: no field, no rule.</summary>
    public static ColumnBinder Plain() => new(new([], [], []), ListSample.None, GivenColumns.None);

    public UploadColumns Bind(IReadOnlyList<string> headers) =>
        new(headers, HeaderBinding.Bind(map, headers, sample, given.Fields, Meaning));

    /// <summary>Binds the columns that the beginning shows.</summary>
    public UploadColumns BindSample() => Bind(sample.Headers);

    /// <summary>Headers with a meaning of their own, whatever the other headers are; normalised.</summary>
    public IReadOnlySet<string> KnownHeaders() => map.KnownHeaders();

    private HeaderMeaning? Meaning(string header)
    {
        if (!meanings.TryGetValue(header, out var meaning))
        {
            meanings.Add(header, meaning = FieldVocabulary.Shared.Find(header));
        }

        return meaning;
    }
}
