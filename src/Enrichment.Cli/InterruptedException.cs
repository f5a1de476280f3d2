namespace Enrichment.Cli;

/// <summary>An operator's interruption, after which the same command is not the way on.</summary>
internal sealed class InterruptedException(string message) : OperationCanceledException(message);
