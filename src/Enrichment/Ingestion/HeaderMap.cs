using System.Collections.Immutable;
using Enrichment.Ingestion.Fields;

namespace Enrichment.Ingestion;

/// <summary>The headers under which a field may come, best first.</summary>
/// <param name="Field">The canonical name, such as <c>company.domain</c>.</param>
/// <param name="Headers">As people write them; letters and digits alone are compared, without case and accents.</param>
internal sealed record FieldHeaders(string Field, ImmutableArray<string> Headers);

/// <summary>Which headers of its own a workstream has beside those that every list may have, and which fields a row must have.</summary>
/// <remarks>A column that no field claims is kept all the same: the raw row holds every column.</remarks>
internal sealed class HeaderMap
{
    internal HeaderMap(
        ImmutableArray<FieldHeaders> fields, ImmutableArray<string> required,
        ImmutableArray<ImmutableArray<string>> anyOf, ListKind? list = null)
    {
        List = list;
        Fields = fields;
        Required = required;
        AnyOf = anyOf;
    }

    /// <summary>The fields in the order of their declaration.</summary>
    public ImmutableArray<FieldHeaders> Fields { get; }

    /// <summary>A row in which one of these is blank is rejected.</summary>
    public ImmutableArray<string> Required { get; }

    /// <summary>A row in which all fields of one of these groups are blank is rejected.</summary>
    public ImmutableArray<ImmutableArray<string>> AnyOf { get; }

    /// <summary>What its rows are, if the headers leave that open; null: unknown.</summary>
    internal ListKind? List { get; }

    /// <summary>Whether a header means something: to this map, or in any list.</summary>
    internal Func<string, bool> Knows()
    {
        HashSet<string> own = [.. Fields.SelectMany(f => f.Headers).Select(HeaderName.Normalize)];
        return header => own.Contains(HeaderName.Normalize(header)) || FieldVocabulary.Shared.Find(header) is not null;
    }

    /// <summary>Headers with a meaning of their own, whatever the other headers are; normalised.</summary>
    internal HashSet<string> KnownHeaders() =>
        [.. Fields.SelectMany(f => f.Headers).Select(HeaderName.Normalize), .. FieldVocabulary.Shared.Headers];

    /// <summary>Its headers alone: no row is rejected by it, and it says nothing of the list.</summary>
    internal HeaderMap WithoutRules() => new(Fields, [], []);
}
