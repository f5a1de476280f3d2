using System.Collections.Immutable;

namespace Enrichment.Ingestion.Fields;

/// <summary>The possible meanings of a header.</summary>
/// <param name="Group">The shared list that has it, such as <c>phone</c>; null if it names one field.</param>
/// <param name="Fields">The fields that it may feed.</param>
/// <param name="Side">Person or company, by a word of the header such as "Lead" or "Company"; null if the header does not say.</param>
/// <param name="IsAttached">Whether it is about a person named beside a company, which says nothing about the kind of list.</param>
internal sealed record HeaderMeaning(string? Group, ImmutableArray<RankedField> Fields, ListKind? Side = null, bool IsAttached = false)
{
    /// <summary>The one field that it means; null if that depends on more than the header.</summary>
    public VocabularyField? Only => Fields is [var one] && (Group is null || Side is not null) ? one.Field : null;

    /// <summary>The same, if it is about one side of the list alone; null if it then means nothing.</summary>
    public HeaderMeaning? Of(ListKind side, bool attached)
    {
        ImmutableArray<RankedField> fields = [.. Fields.Where(field => field.Field.Side == side)];
        return fields.IsEmpty ? null : new(Group, fields, side, attached);
    }
}

/// <summary>A field and the place of a header among its headers, from 0; of several columns the lowest place wins.</summary>
internal readonly record struct RankedField(VocabularyField Field, int Rank);
