using System.Data.Common;
using System.Net.Sockets;
using Enrichment.Cli.Files;

namespace Enrichment.Cli;

/// <summary>An exception as an operator sees it: one line and an exit code. No line if its reader is gone.</summary>
internal sealed record Failure(string? Message, int ExitCode)
{
    // The error of a standby, or of a server whose disk is nearly full.
    private const string ReadOnly = "25006";

    public static Failure Of(Exception exception) =>
        exception switch
        {
            InterruptedException => new(exception.Message, Cli.ExitCode.Interrupted),
            OperationCanceledException => new(
                "Interrupted. What was done is kept; the same command goes on from there.",
                Cli.ExitCode.Interrupted),
            DbException { SqlState: ReadOnly } => new(
                $"The store takes no writes: {Sentence(exception.Message)} Name the server that takes them with --store or ENRICHMENT_STORE, or make this one writable; then repeat the command.",
                Cli.ExitCode.StoreUnreachable),
            EnrichmentException => new(
                exception.Message,
                exception.InnerException is DbException or SocketException ? Cli.ExitCode.StoreUnreachable : Cli.ExitCode.BadInput),
            DbException or SocketException or TimeoutException => new(
                $"The store did not answer: {Sentence(exception.Message)} Check the address given with --store or ENRICHMENT_STORE.",
                Cli.ExitCode.StoreUnreachable),
            IOException { InnerException: DbException } => new(exception.Message, Cli.ExitCode.StoreUnreachable),
            _ when StandardStreams.IsReaderGone(exception) => new(null, Cli.ExitCode.ReaderGone),
            OutputFailedException => new(exception.Message, Cli.ExitCode.OutputFailed),
            IOException io when DiskFull.Is(io) => new(
                $"The disk is full: {Sentence(io.Message)} What was done is kept. Make room; then the same command goes on.",
                Cli.ExitCode.OutputFailed),
            _ when StandardStreams.IsClosed(exception) => new(
                "Standard output is closed, so the answer could not be written. What was done is kept. Give the command an output, such as > FILE or > /dev/null; then it does no work twice.",
                Cli.ExitCode.OutputFailed),
            IOException or UnauthorizedAccessException => new(exception.Message, Cli.ExitCode.BadInput),
            _ => new(
                $"Unexpected {exception.GetType().Name}: {Sentence(exception.Message)} Set ENRICHMENT_DEBUG=1 to see where.",
                Cli.ExitCode.Bug),
        };

    /// <summary>The message on one line.</summary>
    public string? Line => Message is null ? null
        : Visible.Line(string.Join(
            ' ', Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));

    // A foreign library's message often ends without a full stop.
    private static string Sentence(string message) => message.TrimEnd() is var said && said.EndsWith('.') ? said : $"{said}.";
}
