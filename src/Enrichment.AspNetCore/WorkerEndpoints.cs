using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Enrichment.External;
using Enrichment.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Enrichment.AspNetCore;

/// <summary>The addresses at which external workers take items and say what became of them.</summary>
public static class WorkerEndpoints
{
    // Strict: a misspelt property would else be an outcome that means something else. Deep, because one result that is too deep must not
    // refuse the others: the gate judges each.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        MaxDepth = 1000,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>
    /// Maps <c>POST {prefix}/claim</c>, <c>complete</c>, <c>skip</c>, <c>fail</c>, <c>defer</c>, <c>renew</c> and <c>release</c>, with JSON
    /// in both directions.
    /// </summary>
    /// <remarks>
    /// Whoever may call them reads records and writes results, of the clients and steps that <paramref name="scope"/> says: they demand the
    /// policy that is named, which has to be one of the host's. 400: the request is not sound, and nothing was done; 409: the lease that
    /// was to be renewed is lost; 415: the body is not said to be <c>application/json</c>. Calls may be repeated, but a claim, of which
    /// each takes further items.
    /// </remarks>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="policy">The host's authorization policy.</param>
    /// <param name="scope">
    /// What the caller may have, asked of each request that the policy lets through. <see cref="WorkerScope.Everything"/> trusts it with
    /// all clients.
    /// </param>
    /// <param name="prefix">Where.</param>
    /// <param name="engine">The name of the engine; null for the one without a name. Each engine needs a prefix of its own.</param>
    /// <returns>For further conventions of the host.</returns>
    /// <exception cref="InvalidOperationException">No such engine was added to the host's services.</exception>
    public static IEndpointConventionBuilder MapEnrichmentWorkers(
        this IEndpointRouteBuilder endpoints,
        string policy,
        Func<HttpContext, WorkerScope> scope,
        string prefix = "/workers",
        string? engine = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(policy);
        ArgumentNullException.ThrowIfNull(scope);
        var whole = EngineName.Find<ExternalTasks>(endpoints.ServiceProvider, engine, nameof(MapEnrichmentWorkers));
        var group = endpoints.MapGroup(prefix);
        Map<ClaimCall>("/claim", ClaimAsync);
        MapOutcomes<CompletedItem>("/complete");
        MapOutcomes<SkippedItem>("/skip");
        MapOutcomes<FailedItem>("/fail");
        MapOutcomes<DeferredItem>("/defer");
        Map<RenewCall>(
            "/renew",
            async (tasks, call, _) =>
                await tasks.RenewAsync(call.Lease, Seconds(call.LeaseSeconds)).ConfigureAwait(false)
                    ? Results.NoContent()
                    : Results.Problem(
                        "The lease was given back or taken over: what is in hand is no longer this worker's.",
                        statusCode: StatusCodes.Status409Conflict));
        Map<ReleaseCall>(
            "/release",
            async (tasks, call, http) =>
                Answer(new ReleasedItems(await tasks.ReleaseAsync(call.Lease, http.RequestAborted).ConfigureAwait(false))));
        return EndpointGuard.Protect(group, endpoints.ServiceProvider, policy, $"The worker API at {prefix}").ExcludeFromDescription();

        void Map<TCall>(string path, Func<ExternalTasks, TCall, HttpContext, Task<IResult>> answer) =>
            group.MapPost(
                path,
                Task<IResult> (HttpContext http) => AnswerAsync<TCall>(http, call => answer(whole.Within(scope(http)), call, http)));

        void MapOutcomes<TItem>(string path)
            where TItem : IOutcomeItem => Map<OutcomesCall<TItem>>(path, async (tasks, call, http) =>
            {
                ExternalTaskOutcome[] outcomes = [.. call.Items.Select(Outcome)];
                return Answer(new WrittenItems(await tasks.SettleAsync(call.Lease, outcomes, http.RequestAborted).ConfigureAwait(false)));
            });
    }

    private static async Task<IResult> ClaimAsync(ExternalTasks tasks, ClaimCall call, HttpContext http)
    {
        var request = new WorkRequest(call.Step, call.Worker)
        {
            Version = call.Version,
            Limit = call.Limit,
            Lease = Seconds(call.LeaseSeconds),
        };
        var (work, retryAfter) = await tasks.ClaimAsync(request, http.RequestAborted).ConfigureAwait(false);
        if (work is not null && http.RequestAborted.IsCancellationRequested)
        {
            // Nobody hears of it: given back, it is no lost host's.
            await tasks.ReleaseAsync(work.Lease, CancellationToken.None).ConfigureAwait(false);
        }

        if (retryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return work is null ? Results.NoContent() : Answer(work);
    }

    private static ExternalTaskOutcome Outcome<TItem>(TItem? item)
        where TItem : IOutcomeItem => item is null
            ? throw new EnrichmentException("items: one of them is null.")
            : new(item.Item, item.Attempt, item.Cost is { } cost ? item.Outcome().WithCost(cost) : item.Outcome());

    private static async Task<IResult> AnswerAsync<TCall>(HttpContext http, Func<TCall, Task<IResult>> answer)
    {
        try
        {
            var call = await JsonSerializer.DeserializeAsync<TCall>(http.Request.Body, Json, http.RequestAborted).ConfigureAwait(false);
            return call is null ? Refused("The body is null.") : await answer(call).ConfigureAwait(false);
        }
        catch (JsonException exception)
        {
            return Refused(RequestFault.Words(exception, typeof(TCall), Json));
        }
        catch (EnrichmentException exception)
        {
            return Refused(exception.Message);
        }
    }

    private static IResult Answer<T>(T answer) => Results.Json(answer, Json);

    private static IResult Refused(string reason) => Results.Problem(reason, statusCode: StatusCodes.Status400BadRequest);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 1e6));
}
