using System.Data.Common;
using System.Net.Sockets;

namespace Enrichment.Cli;

/// <summary>An exception as an operator sees it: one line and an exit code.</summary>
internal sealed record Failure(string Message, int ExitCode)
{
    public static Failure Of(Exception exception) => exception switch
    {
        OperationCanceledException => new("Interrupted. What was done is kept; the same command goes on from there.", Cli.ExitCode.Interrupted),
        EnrichmentException => new(OneLine(exception.Message), exception.InnerException is DbException or SocketException ? Cli.ExitCode.StoreUnreachable : Cli.ExitCode.BadInput),
        DbException or SocketException or TimeoutException => new($"The store did not answer: {OneLine(exception.Message)} Check the address given with --store or ENRICHMENT_STORE.", Cli.ExitCode.StoreUnreachable),
        IOException { InnerException: DbException } => new(OneLine(exception.Message), Cli.ExitCode.StoreUnreachable),
        IOException or UnauthorizedAccessException => new(OneLine(exception.Message), Cli.ExitCode.BadInput),
        _ => new($"Unexpected {exception.GetType().Name}: {OneLine(exception.Message)} Set ENRICHMENT_DEBUG=1 to see where.", Cli.ExitCode.Bug),
    };

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
