using System.Collections.Immutable;

namespace Enrichment.Ingestion.Fields;

/// <summary>A field that every list may have.</summary>
/// <param name="Name">The canonical name: <c>person.email</c>.</param>
/// <param name="Is">What it is, in a sentence.</param>
/// <param name="List">The kind of list that alone has it; null: both may.</param>
/// <param name="Type">The form of its values.</param>
/// <param name="Headers">
/// The headers that mean this field, best first; <c>@phone</c> means a list of headers that it shares with other fields.
/// </param>
internal sealed record VocabularyField(string Name, string Is, ListKind? List, SemanticType Type, ImmutableArray<string> Headers)
{
    /// <summary>The kind of list whose own this field is: <see cref="ListKind.Persons"/> for <c>person.email</c>.</summary>
    public ListKind Side => Name.StartsWith("person.", StringComparison.Ordinal) ? ListKind.Persons : ListKind.Companies;
}
