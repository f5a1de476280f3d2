namespace Enrichment.Providers.Http.Outbound;

/// <summary>The waits inside one call. They are short, because the call counts as in flight; the engine does the longer ones.</summary>
internal static class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
}
