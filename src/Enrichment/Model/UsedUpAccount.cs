namespace Enrichment;

/// <summary>An account with a vendor that is used up.</summary>
/// <param name="Name">
/// The name of its limit: whose it is and what it is called, such as <c>acme/clay</c>, or <c>*/clay</c> for one that all clients share.
/// </param>
/// <param name="Since">Since when.</param>
/// <param name="Until">Nothing is called before. Then one call tells whether more was bought.</param>
/// <param name="Rest">How long that is from the store's now; not above zero if that one call may be made.</param>
/// <param name="Probes">Whether that one call is out.</param>
public sealed record UsedUpAccount(string Name, DateTimeOffset Since, DateTimeOffset Until, TimeSpan Rest, bool Probes);
