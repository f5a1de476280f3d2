namespace Enrichment.Cli;

/// <summary>A file that appears under its name only when it is complete.</summary>
internal sealed class OutputFile : IAsyncDisposable
{
    private readonly string path;
    private readonly string temporary;
    private bool complete;

    private OutputFile(string path, string temporary, FileStream stream)
    {
        this.path = path;
        this.temporary = temporary;
        Stream = stream;
    }

    public Stream Stream { get; }

    /// <summary>Fails before hours of work rather than after them.</summary>
    /// <exception cref="EnrichmentException">The path is a folder, or its folder is not there.</exception>
    public static string Check(string path)
    {
        var full = Path.GetFullPath(path);
        return Directory.Exists(full) ? throw new EnrichmentException($"The output '{path}' is a folder. Name a file.")
            : !Directory.Exists(Path.GetDirectoryName(full)) ? throw new EnrichmentException($"The folder of the output '{path}' is not there. Make it, or name another.")
            : full;
    }

    /// <exception cref="EnrichmentException">The folder is not there or not writable.</exception>
    public static OutputFile Create(string path)
    {
        var full = Check(path);
        var temporary = $"{full}.{Environment.ProcessId}.part";
        try
        {
            return new(full, temporary, new(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16, FileOptions.Asynchronous));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new EnrichmentException($"The output '{path}' cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Gives the file its name, replacing what had it before.</summary>
    public async Task CompleteAsync()
    {
        await Stream.FlushAsync();
        await Stream.DisposeAsync();
        File.Move(temporary, path, overwrite: true);
        complete = true;
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        if (!complete)
        {
            File.Delete(temporary);
        }
    }
}
