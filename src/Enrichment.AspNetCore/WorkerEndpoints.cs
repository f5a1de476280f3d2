using System.Text.Json;
using System.Text.Json.Serialization;
using Enrichment.External;
using Enrichment.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Enrichment.AspNetCore;

/// <summary>The addresses at which external workers fetch tasks and report them.</summary>
public static class WorkerEndpoints
{
    // Strict: a misspelt property would else be a report that means something else. Deep, because one result that is too deep must not
    // refuse the others: the gate judges each.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        MaxDepth = 1000,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private const string NullTask = "tasks: one of them is null.";

    /// <summary>
    /// Maps <c>POST {prefix}/fetch</c>, <c>complete</c>, <c>skip</c>, <c>fail</c>, <c>defer</c> and <c>extend</c>, with JSON in both
    /// directions.
    /// </summary>
    /// <remarks>
    /// A worker reads records and writes results, of the clients and steps that <paramref name="scope"/> says: the addresses demand the
    /// policy that is named, which has to be one of the host's. 400: the request is not sound, and nothing was done; 413: the body is
    /// larger than the host takes; 415: the body is not said to be <c>application/json</c>. Calls may be repeated, but a fetch, of which
    /// each gives further tasks.
    /// </remarks>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="policy">The host's authorization policy.</param>
    /// <param name="scope">
    /// What the worker may have, asked of each request that the policy lets through. <see cref="WorkerScope.Everything"/> trusts it with
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
        var tasks = EngineName.Find<ExternalTasks>(endpoints.ServiceProvider, engine, nameof(MapEnrichmentWorkers));
        var group = endpoints.MapGroup(prefix);
        Map<FetchCall>(
            "/fetch",
            async (call, within, http) =>
            {
                var request = new FetchRequest(call.Step, call.Worker)
                {
                    Version = call.Version,
                    Limit = call.Limit,
                    Lock = Seconds(call.LockSeconds),
                };
                return Answer(new FetchedTasks(await tasks.FetchAsync(request, within, http.RequestAborted).ConfigureAwait(false)));
            });
        MapReport<CompletedTask>("/complete");
        MapReport<SkippedTask>("/skip");
        MapReport<FailedTask>("/fail");
        MapReport<DeferredTask>("/defer");
        Map<ExtendCall>(
            "/extend",
            async (call, within, http) =>
            {
                var hold = Seconds(call.LockSeconds);
                if (call.Tasks.Contains(null!))
                {
                    throw new EnrichmentException(NullTask);
                }

                return Answer(
                    new RefusedTasks(await tasks.ExtendAsync(call.Tasks, hold, within, http.RequestAborted).ConfigureAwait(false)));
            });
        return EndpointGuard.Protect(group, endpoints.ServiceProvider, policy, $"The worker API at {prefix}").ExcludeFromDescription();

        void Map<TCall>(string path, Func<TCall, WorkerScope, HttpContext, Task<IResult>> answer) =>
            group.MapPost(
                path,
                Task<IResult> (HttpContext http) => AnswerAsync<TCall>(http, call => answer(call, Named(scope(http), http), http)));

        void MapReport<TTask>(string path)
            where TTask : IReportedTask =>
            Map<ReportCall<TTask>>(path, async (call, within, http) =>
            {
                (string, TaskReport)[] reports = [.. call.Tasks.Select(Report)];
                return Answer(new RefusedTasks(await tasks.ReportAsync(reports, within, http.RequestAborted).ConfigureAwait(false)));
            });
    }

    private static WorkerScope Named(WorkerScope scope, HttpContext http) =>
        scope.Identity is null ? scope with { Identity = http.User.Identity?.Name } : scope;

    private static (string Task, TaskReport Report) Report<TTask>(TTask? task, int number)
        where TTask : IReportedTask
    {
        var report = task is null ? throw new EnrichmentException(NullTask) : task.Report();
        report.Validate(number);
        return (task.Task, report);
    }

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
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Results.Problem($"{exception.Message} Send the tasks in several requests.", statusCode: exception.StatusCode);
        }
    }

    private static IResult Answer<T>(T answer) => Results.Json(answer, Json);

    private static IResult Refused(string reason) => Results.Problem(reason, statusCode: StatusCodes.Status400BadRequest);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, -9e11, 9e11));
}
