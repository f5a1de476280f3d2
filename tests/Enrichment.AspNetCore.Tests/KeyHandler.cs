using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Enrichment.AspNetCore.Tests;

/// <summary>Who says in the header "key" which role it has, has it.</summary>
internal sealed class KeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        Request.Headers["key"].ToString() is { Length: > 0 } role
            ? AuthenticateResult.Success(new(new(new ClaimsIdentity([new(ClaimTypes.Role, role)], "key")), "key"))
            : AuthenticateResult.NoResult());
}
