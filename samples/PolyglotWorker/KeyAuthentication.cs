using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace PolyglotWorker;

/// <summary>A request with the key as its bearer token comes from the worker.</summary>
internal sealed class KeyAuthentication(IOptionsMonitor<KeyOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<KeyOptions>(options, logger, encoder)
{
    public const string Name = "key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Task.FromResult(
            CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(Request.Headers.Authorization.ToString()),
                Encoding.UTF8.GetBytes($"Bearer {Options.Key}"))
                ? AuthenticateResult.Success(new(new(new ClaimsIdentity([new(ClaimTypes.Role, "worker")], Name)), Name))
                : AuthenticateResult.NoResult());
}

/// <summary>The key.</summary>
internal sealed class KeyOptions : AuthenticationSchemeOptions
{
    public string Key { get; set; } = "";
}
