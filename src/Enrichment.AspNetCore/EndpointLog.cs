using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore;

internal static partial class EndpointLog
{
    [LoggerMessage(
        1,
        LogLevel.Error,
        "{What} answers 403 to everybody: the host has no authorization policy '{Policy}'. Add it: builder.Services.AddAuthorizationBuilder().AddPolicy(\"{Policy}\", …).")]
    public static partial void EverybodyRefused(ILogger logger, string what, string policy);
}
