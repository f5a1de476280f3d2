namespace Enrichment.Providers.Http.Vendors;

/// <summary>The kinds of document of this package: the shapes of declared steps.</summary>
internal static class HttpKinds
{
    public static readonly VendorKind[] All =
    [
        new("call", typeof(HttpCallOptions), services => new Call(Http(services)), Problems),
        new("callback", typeof(HttpCallbackOptions), services => new Callback(Http(services), null), Problems)
        {
            Own = ["deadlineSeconds", "tokenPointer"], MakeAt = (services, token) => new Callback(Http(services), token),
        },
        new("poll", typeof(HttpPollOptions), services => new Poll(Http(services)), Problems) { Own = ["deadlineSeconds", "pollSeconds"] },
        new("bulk", typeof(HttpBulkOptions), services => new Bulk(Http(services)), Problems)
        {
            BulkSize = new EnrichmentStepAttribute("", "").BulkSize,
        },
    ];

    private static OutboundHttp? Http(IServiceProvider services) => (OutboundHttp?)services.GetService(typeof(OutboundHttp));

    // Credentials may come from stronger layers.
    private static IEnumerable<string> Problems(object options, StepManifest step)
    {
        var http = (HttpOptions)options;
        return http.Problems().Concat(http.Undeclared(step)).Concat(http.ValueProblems().Select(problem => problem.Problem));
    }

    private sealed class Call(OutboundHttp? http) : HttpCallStep(http);

    private sealed class Callback(OutboundHttp? http, string? tokenPointer) : HttpCallbackStep(http)
    {
        protected override string? TokenPointer => tokenPointer;
    }

    private sealed class Poll(OutboundHttp? http) : HttpPollStep(http);

    private sealed class Bulk(OutboundHttp? http) : HttpBulkStep(http);
}
