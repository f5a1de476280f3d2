namespace Enrichment.Ingestion.Fields;

/// <summary>The kind of values that a field holds. A column whose values are of another kind is not taken for that field.</summary>
internal enum SemanticType
{
    /// <summary>Anything.</summary>
    Any,

    /// <summary>Words: no addresses, truth values or bare numbers.</summary>
    Text,

    /// <summary>States and provinces: words, but no statuses.</summary>
    Region,

    /// <summary>E-mail addresses.</summary>
    Email,

    /// <summary>Telephone numbers.</summary>
    Phone,

    /// <summary>Domains and addresses of pages.</summary>
    Url,

    /// <summary>Addresses of pages on LinkedIn.</summary>
    LinkedIn,
}
