using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.AspNetCore;

/// <summary>The address by which an external orchestrator drives the engine.</summary>
public static class TickEndpoint
{
    /// <summary>Maps <c>POST {path}</c>: works on what is due, for <paramref name="atMost"/> or <c>?seconds=</c> if that is less, and answers with a <see cref="WorkReport"/> as JSON. Fewer seconds than 1 are refused with 400.</summary>
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
        return endpoints.MapPost(path, async Task<Results<Ok<WorkReport>, ProblemHttpResult>> (HttpContext http, int? seconds) =>
        {
            if (seconds < 1)
            {
                return TypedResults.Problem("seconds: expected 1 or more, or leave it out.", statusCode: StatusCodes.Status400BadRequest);
            }

            var time = seconds is { } asked && TimeSpan.FromSeconds(asked) < longest ? TimeSpan.FromSeconds(asked) : longest;
            return TypedResults.Ok(await engine.TickAsync(time, http.RequestAborted).ConfigureAwait(false));
        }).RequireAuthorization(policy).ExcludeFromDescription();
    }
}
