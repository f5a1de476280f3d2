using System.Net;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>Where a redirect leads, and with which method (RFC 9110 section 15.4).</summary>
internal static class Redirect
{
    // To see another place (303) is also how a vendor has us wait there for what it has begun: Modal does so every 150 seconds, 24 times in
    // an hour, the longest deadline.
    private const int MostWaits = 24;
    private const int MostMoves = 3;

    /// <summary>How many redirects are followed before one of this status is not.</summary>
    public static int Most(HttpStatusCode status) => status == HttpStatusCode.SeeOther ? MostWaits : MostMoves;

    /// <summary>Whether the response sends us elsewhere. One without an address does not; it is an answer like any other.</summary>
    public static bool Is(HttpResponseMessage response) =>
        response.StatusCode
            is HttpStatusCode.MovedPermanently
                or HttpStatusCode.Found
                or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect
                or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;

    /// <summary>
    /// Whether the work may be done already. 303 says so; 302 after a POST often means it; the others tell where the work would be done.
    /// </summary>
    public static bool MayFollowWork(Hop hop, HttpStatusCode status) =>
        status == HttpStatusCode.SeeOther || (status == HttpStatusCode.Found && !hop.IsSafe);

    /// <summary>The request that follows.</summary>
    /// <exception cref="OutboundException">It leads nowhere, or would send a body to a host that it was not meant for.</exception>
    public static Hop Next(Hop hop, HttpResponseMessage response, bool workMayBeDone)
    {
        if (!Uri.TryCreate(hop.Uri, response.Headers.Location!, out var target))
        {
            throw new OutboundException(
                OutboundFault.Refused,
                workMayBeDone,
                $"{Origin.Of(hop.Uri)} redirects the {hop.Method} ({(int)response.StatusCode}) to a text that is not an address.");
        }

        var method = response.StatusCode switch
        {
            HttpStatusCode.SeeOther when hop.Method != HttpMethod.Head => HttpMethod.Get,
            HttpStatusCode.MovedPermanently or HttpStatusCode.Found when hop.Method == HttpMethod.Post => HttpMethod.Get,
            _ => hop.Method,
        };
        var next = hop.To(target, method);
        return (next.IsSafe && next.Body is not { Length: > 0 }) || hop.IsAtOriginOf(target)
            ? next
            : throw new OutboundException(
                OutboundFault.Refused,
                workMayBeDone,
                $"{Origin.Of(hop.Uri)} redirects the {hop.Method} to {Origin.Of(target)} ({(int)response.StatusCode}). A body is not sent on to another host. If that host is the vendor's, put its address into the settings.");
    }
}
