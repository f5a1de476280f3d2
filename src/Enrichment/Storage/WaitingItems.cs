namespace Enrichment.Storage;

/// <summary>Items that wait for one reason.</summary>
/// <param name="Reason">Why, as <see cref="ItemState.Reason"/> says it.</param>
/// <param name="Items">How many.</param>
internal sealed record WaitingItems(string Reason, long Items);
