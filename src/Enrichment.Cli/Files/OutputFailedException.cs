namespace Enrichment.Cli.Files;

/// <summary>A file, a device or standard output could not be written to its end.</summary>
internal sealed class OutputFailedException(string message, Exception? inner = null) : Exception(message, inner);
