namespace Enrichment.Providers.Http;

/// <summary>
/// What of a vendor's answer becomes the result. Places are JSON pointers (RFC 6901), such as <c>/data/employees</c>; the empty one is the
/// whole answer.
/// </summary>
public sealed class HttpAnswerSettings
{
    /// <summary>
    /// For each field that the step produces, its place. Empty: the whole answer is kept, and the step's declaration gives the places of
    /// its fields.
    /// </summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// A place that has a value if the vendor knows the item; if it is missing or null, the answer is that nothing was found. Null: every
    /// answer counts.
    /// </summary>
    public string? Found { get; init; }

    /// <summary>Where the answer says what it cost, in the vendor's credits. Null: it does not.</summary>
    public string? Cost { get; init; }
}
