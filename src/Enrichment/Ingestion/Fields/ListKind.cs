namespace Enrichment.Ingestion.Fields;

/// <summary>What the rows of a list are. It decides whether a plain "City" or "Phone" is a person's or a company's.</summary>
internal enum ListKind
{
    /// <summary>People, each perhaps with a company.</summary>
    Persons,

    /// <summary>Companies, each perhaps with a person to talk to.</summary>
    Companies,
}
