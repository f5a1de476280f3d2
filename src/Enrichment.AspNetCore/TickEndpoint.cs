using System.Globalization;
using Enrichment.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Enrichment.AspNetCore;

/// <summary>The address by which an external orchestrator drives the engine.</summary>
public static class TickEndpoint
{
    /// <summary>
    /// Maps <c>POST {path}</c>: works on what is due, for <paramref name="atMost"/> or <c>?seconds=</c> if that is less, and answers with a
    /// <see cref="WorkReport"/> as JSON. Fewer seconds than 1 are refused with 400, other content types than <c>application/json</c> with
    /// 415; a body is not read.
    /// </summary>
    /// <remarks>
    /// For hosts without a worker of their own. Its callers cause paid calls, so it demands the named policy, which has to be one of the
    /// host's.
    /// </remarks>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="policy">The host's authorization policy.</param>
    /// <param name="path">Where.</param>
    /// <param name="atMost">The longest time of one tick; null: 50 seconds, below the minute of most schedulers.</param>
    /// <param name="engine">The name of the engine; null for the one without a name. Each engine needs a path of its own.</param>
    /// <returns>For further conventions of the host.</returns>
    /// <exception cref="InvalidOperationException">No such engine was added to the host's services.</exception>
    public static IEndpointConventionBuilder MapEnrichmentTick(
        this IEndpointRouteBuilder endpoints,
        string policy,
        string path = "/tick",
        TimeSpan? atMost = null,
        string? engine = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(policy);
        var ticked = EngineName.Find<EnrichmentEngine>(endpoints.ServiceProvider, engine, nameof(MapEnrichmentTick));
        var longest = atMost ?? TimeSpan.FromSeconds(50);
        var tick = endpoints.MapPost(path, async Task<Results<Ok<WorkReport>, ProblemHttpResult>> (HttpContext http) =>
        {
            // Read here and not by the framework, which would do it before the caller is known.
            var asked = http.Request.Query["seconds"].ToString();
            var seconds = 0;
            if (asked.Length > 0 && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) || seconds < 1))
            {
                return TypedResults.Problem("seconds: expected 1 or more, or leave it out.", statusCode: StatusCodes.Status400BadRequest);
            }

            var time = asked.Length > 0 && TimeSpan.FromSeconds(seconds) < longest ? TimeSpan.FromSeconds(seconds) : longest;
            return TypedResults.Ok(await ticked.TickAsync(time, http.RequestAborted).ConfigureAwait(false));
        });
        return EndpointGuard.Protect(tick, endpoints.ServiceProvider, policy, $"The tick at {path}").ExcludeFromDescription();
    }
}
