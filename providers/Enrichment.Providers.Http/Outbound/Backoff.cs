namespace Enrichment.Providers.Http.Outbound;

/// <summary>The waits inside one call. Short, since the item holds a place among those in flight; longer ones are the engine's.</summary>
internal static class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
}
