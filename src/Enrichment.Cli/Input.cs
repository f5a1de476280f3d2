namespace Enrichment.Cli;

/// <summary>The list that a command reads.</summary>
/// <param name="Path">The file as it was named; <c>-</c> for standard input.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record Input(string Path, Stream Content) : IAsyncDisposable
{
    /// <summary>The file's name in the store; empty for standard input, which has none.</summary>
    public string FileName => Path == Files.Output.Standard ? "" : System.IO.Path.GetFileName(Path);

    /// <summary>For people.</summary>
    public string Name => FileName.Length == 0 ? "standard input" : Files.Visible.Line(FileName);

    /// <exception cref="EnrichmentException">The file is not there or cannot be read.</exception>
    public static Input Open(string path)
    {
        if (path.Length == 0)
        {
            throw new EnrichmentException("The file has no name. Name one, or - for standard input.");
        }

        if (path == Files.Output.Standard)
        {
            return new(path, Files.StandardStreams.TakeInput("FILE"));
        }

        try
        {
            return Directory.Exists(path)
                ? throw new EnrichmentException($"'{path}' is a folder. Name a file.")
                : new(
                    path,
                    new FileStream(
                        path,
                        FileMode.Open,
                        FileAccess.Read,
                        FileShare.Read,
                        bufferSize: 1 << 16,
                        FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EnrichmentException(
                $"There is no file '{path}'.{Files.NearestFile.Hint(path)} The path is relative to {Environment.CurrentDirectory}.",
                exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EnrichmentException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
