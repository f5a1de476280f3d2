namespace Enrichment.Providers.Http;

/// <summary>
/// What of a vendor's answer becomes the result. Places are JSON pointers (RFC 6901), such as <c>/data/employees</c>; the empty one is the
/// whole answer.
/// </summary>
public sealed class HttpAnswerSettings
{
    /// <summary>
    /// For each field that the step produces, where it stands. Empty: the whole answer is kept, and the step's own declaration says where
    /// fields stand in it.
    /// </summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// A place where something stands if the vendor knows the item; if it is missing or null, the answer is that there is nothing. Null:
    /// every answer counts.
    /// </summary>
    public string? Found { get; init; }

    /// <summary>Where the answer says what it cost, in the vendor's credits. Null: it does not.</summary>
    public string? Cost { get; init; }
}
