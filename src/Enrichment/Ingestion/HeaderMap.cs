using System.Collections.Immutable;

namespace Enrichment.Ingestion;

/// <summary>The headers under which a field may come, best first.</summary>
/// <param name="Field">The canonical name, such as <c>company.domain</c>.</param>
/// <param name="Headers">As people write them; case, surrounding blanks and Unicode form do not matter.</param>
public sealed record FieldHeaders(string Field, ImmutableArray<string> Headers);

/// <summary>Which columns of an upload feed which field, and which fields a row must have.</summary>
/// <remarks>A column that no field claims is kept all the same: the raw row holds every column.</remarks>
public sealed class HeaderMap
{
    internal HeaderMap(ImmutableArray<FieldHeaders> fields, ImmutableArray<string> required, ImmutableArray<ImmutableArray<string>> anyOf)
    {
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

    /// <summary>Every header the map knows, normalised.</summary>
    internal HashSet<string> KnownHeaders() => [.. Fields.SelectMany(f => f.Headers).Select(HeaderName.Normalize)];
}
