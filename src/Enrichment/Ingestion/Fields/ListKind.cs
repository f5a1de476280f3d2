namespace Enrichment.Ingestion.Fields;

/// <summary>What the rows of a list stand for. It decides whose a plain "City" or "Phone" is.</summary>
internal enum ListKind
{
    /// <summary>People, each perhaps with a company.</summary>
    Persons,

    /// <summary>Companies, each perhaps with a person to talk to.</summary>
    Companies,
}
