using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore;

/// <summary>
/// Admits requests to machine endpoints that fulfil the host's policy, and none that a browser sends for another site. If the host's set-up
/// lacks something, the answer is a refusal: 401 or 403, never an error of the server.
/// </summary>
internal sealed class EndpointGuard(string policy)
{
    // The guard checks the policy itself, because the middleware needs an authentication scheme for a refusal. This one keeps the host's
    // fallback policy away, and leaves those that the host adds to the endpoint in force.
    private static readonly AuthorizationPolicy AskedByTheGuard = new AuthorizationPolicyBuilder().RequireAssertion(_ => true).Build();

    /// <summary>Guards endpoints, and tells the log when the host starts if they can never be called.</summary>
    public static TBuilder Protect<TBuilder>(TBuilder endpoints, IServiceProvider services, string policy, string what)
        where TBuilder : IEndpointConventionBuilder
    {
        services.GetService<IHostApplicationLifetime>()?.ApplicationStarted.Register(() => _ = TellAsync(services, policy, what));
        return endpoints.AddEndpointFilter(new EndpointGuard(policy).InvokeAsync).WithMetadata(AskedByTheGuard);
    }

    private async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "none" or "same-origin"))
        {
            return Results.Problem("A browser sent this for another site.", statusCode: StatusCodes.Status403Forbidden);
        }

        if (await RefusalAsync(http).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        // What pages of other sites may send without asking has one of three other types, or none.
        return http.Request.HasJsonContentType()
            ? await next(context).ConfigureAwait(false)
            : Results.Problem("Content-Type: expected application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType);
    }

    private async Task<IResult?> RefusalAsync(HttpContext http)
    {
        if (await FindAsync(http.RequestServices, policy).ConfigureAwait(false) is not { } required)
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var evaluator = http.RequestServices.GetRequiredService<IPolicyEvaluator>();
        var authenticated = await evaluator.AuthenticateAsync(required, http).ConfigureAwait(false);
        var authorized = await evaluator.AuthorizeAsync(required, authenticated, http, http).ConfigureAwait(false);
        if (authorized.Succeeded)
        {
            return null;
        }

        // A policy without a scheme, such as one that compares a key itself, has no text for the refusal.
        string[] schemes = [.. required.AuthenticationSchemes];
        var known = http.RequestServices.GetService<IAuthenticationSchemeProvider>();
        if (authorized.Forbidden)
        {
            return schemes.Length > 0 || (known is not null && await known.GetDefaultForbidSchemeAsync().ConfigureAwait(false) is not null)
                ? Results.Forbid(authenticationSchemes: schemes)
                : Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        return schemes.Length > 0 || (known is not null && await known.GetDefaultChallengeSchemeAsync().ConfigureAwait(false) is not null)
            ? Results.Challenge(authenticationSchemes: schemes)
            : Results.StatusCode(StatusCodes.Status401Unauthorized);
    }

    private static async Task<AuthorizationPolicy?> FindAsync(IServiceProvider services, string policy) =>
        services.GetService<IPolicyEvaluator>() is not null && services.GetService<IAuthorizationPolicyProvider>() is { } policies
            ? await policies.GetPolicyAsync(policy).ConfigureAwait(false)
            : null;

    private static async Task TellAsync(IServiceProvider services, string policy, string what)
    {
        if (services.GetService<ILoggerFactory>() is { } loggers && await FindAsync(services, policy).ConfigureAwait(false) is null)
        {
            EndpointLog.EverybodyRefused(loggers.CreateLogger("Enrichment.AspNetCore"), what, policy);
        }
    }
}
