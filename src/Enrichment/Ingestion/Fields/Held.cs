namespace Enrichment.Ingestion.Fields;

/// <summary>What the values of a field look like, as far as a column of something else can be told from it.</summary>
internal enum Held
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
