namespace Enrichment.Providers.Http.Vendors;

/// <summary>What a document may be: one of the shapes of declared steps.</summary>
/// <param name="Name">How documents call it.</param>
/// <param name="Options">The settings that it takes.</param>
/// <param name="Own">The properties of a document that only this kind has.</param>
/// <param name="Make">Makes the step, of the way out and the pointer to a delivery's token.</param>
internal sealed record VendorKind(string Name, Type Options, string[] Own, Func<OutboundHttp?, string?, IEnrichmentStep> Make)
{
    public static readonly VendorKind[] All =
    [
        new("call", typeof(HttpCallOptions), [], (http, _) => new Call(http)),
        new("callback", typeof(HttpCallbackOptions), ["deadlineSeconds", "tokenPointer"], (http, token) => new Callback(http, token)),
        new("poll", typeof(HttpPollOptions), ["deadlineSeconds", "pollSeconds"], (http, _) => new Poll(http)),
        new("bulk", typeof(HttpBulkOptions), ["bulkSize"], (http, _) => new Bulk(http)),
    ];

    private sealed class Call(OutboundHttp? http) : HttpCallStep(http);

    private sealed class Callback(OutboundHttp? http, string? tokenPointer) : HttpCallbackStep(http)
    {
        protected override string? TokenPointer => tokenPointer;
    }

    private sealed class Poll(OutboundHttp? http) : HttpPollStep(http);

    private sealed class Bulk(OutboundHttp? http) : HttpBulkStep(http);
}
