using System.Collections.Immutable;
using Enrichment.Ingestion.Fields;

namespace Enrichment.Ingestion;

/// <summary>A field that every list may have, whatever its workstream, and the headers that feed it.</summary>
/// <param name="Name">The canonical name, such as <c>company.domain</c>.</param>
/// <param name="Meaning">A sentence.</param>
/// <param name="Headers">
/// Best first. A header may belong to several fields, as "Phone" does: the header's other words, the values or the list then decide.
/// </param>
internal sealed record KnownField(string Name, string Meaning, ImmutableArray<string> Headers)
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<KnownField> All { get; } = [.. FieldVocabulary.Shared.Fields.Select(field => new KnownField(
        field.Name, field.Is,
        [.. field.Headers.SelectMany(header => header[0] == '@' ? FieldVocabulary.Shared.Either[header[1..]] : [header])]))];
}
