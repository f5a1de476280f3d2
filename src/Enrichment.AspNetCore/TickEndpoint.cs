using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.AspNetCore;

/// <summary>The address by which an external orchestrator drives the engine.</summary>
public static class TickEndpoint
{
    /// <summary>Maps <c>POST {path}</c>: works on what is due, for <paramref name="atMost"/> or <c>?seconds=</c> if that is less, and answers with a <see cref="WorkReport"/> as JSON.</summary>
    /// <remarks>For hosts without a worker of their own. Whoever may call it makes paid calls: it demands the policy that is named, which has to be one of the host's.</remarks>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="policy">The host's authorization policy.</param>
    /// <param name="path">Where.</param>
    /// <param name="atMost">The longest time of one tick; null: 50 seconds, below the minute of most schedulers.</param>
    /// <returns>For further conventions of the host.</returns>
    /// <exception cref="InvalidOperationException">No engine was added to the host's services.</exception>
    public static IEndpointConventionBuilder MapEnrichmentTick(this IEndpointRouteBuilder endpoints, string policy, string path = "/tick", TimeSpan? atMost = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(policy);
        var engine = endpoints.ServiceProvider.GetService<EnrichmentEngine>()
            ?? throw new InvalidOperationException("MapEnrichmentTick needs the engine. Add it before: builder.Services.AddEnrichment(…).");
        var longest = atMost ?? TimeSpan.FromSeconds(50);
        return endpoints.MapPost(path, async (HttpContext http, int? seconds) =>
        {
            var time = seconds is { } asked and > 0 && TimeSpan.FromSeconds(asked) < longest ? TimeSpan.FromSeconds(asked) : longest;
            return await engine.TickAsync(time, http.RequestAborted).ConfigureAwait(false);
        }).RequireAuthorization(policy).ExcludeFromDescription();
    }
}
