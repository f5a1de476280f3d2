namespace Enrichment.Cli.Files;

/// <summary>
/// The one way in which a command writes an output: a file that appears under its name only when it is complete, a device or a pipe that is
/// written into, or standard output.
/// </summary>
internal sealed class Output : IAsyncDisposable
{
    /// <summary>Standard output, and as an input standard input.</summary>
    public const string Standard = "-";

    public const string Description =
        "It appears under this name only when it is complete; a device or a pipe is written into; - is standard output.";

    private static readonly string[] StandardOutputNames = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
    private readonly Stream file;
    private readonly string given;
    private readonly string? target;
    private bool complete;

    private Output(string given, string name, Stream stream, string? target)
    {
        this.given = given;
        Name = name;
        file = stream;
        this.target = target;
        Stream = new OutputStream(stream, Explain);
    }

    /// <summary>For people and programs: the full path, or <c>-</c>.</summary>
    public string Name { get; }

    public Stream Stream { get; }

    /// <summary>The file that it takes the name of at its end; null for a device, a pipe or standard output.</summary>
    public string? Replaces => target is null ? null : given;

    /// <summary>True if standard output is taken: a command then says what it has to say on standard error.</summary>
    public bool IsStandardOutput => Name == Standard;

    /// <summary>
    /// Opens an output before the work for it: a problem is then known before hours of work, not after them.
    /// </summary>
    /// <exception cref="EnrichmentException">It is a folder, one of the kept files, or cannot be made.</exception>
    public static async Task<Output> OpenAsync(string given, KeptFiles kept, CancellationToken cancellationToken)
    {
        if (given == Standard || StandardOutputNames.Contains(given))
        {
            return new(given, Standard, StandardStreams.OpenOutput(), null);
        }

        if (given.Length == 0)
        {
            throw new EnrichmentException("The output has no name. Name a file, or - for standard output.");
        }

        var full = Path.GetFullPath(given);
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(given))
        {
            throw new EnrichmentException($"The output '{given}' is a folder. Name a file.");
        }

        return FileIdentity.Of(full) is { IsRegular: false }
            ? new(given, full, await OpenDeviceAsync(given, full, cancellationToken), null)
            : OpenFile(given, full, kept);
    }

    public static bool IsStandard(string? given) => given == Standard || StandardOutputNames.Contains(given);

    /// <summary>Gives a file its name, replacing what had it before.</summary>
    public async Task CompleteAsync()
    {
        await Stream.FlushAsync();
        if (target is not null && file is FileStream part)
        {
            // The lock ends with the stream: until the file has its name, no other run may take it for one that was left behind.
            File.Move(part.Name, target, overwrite: true);
        }

        complete = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (target is not null && !complete && file is FileStream part)
        {
            File.Delete(part.Name);
        }

        try
        {
            await file.DisposeAsync();
        }
        catch (IOException) when (!complete)
        {
            // Its last bytes are tried once more; that it cannot be written was said.
        }
    }

    private OutputFailedException Explain(IOException exception)
    {
        var what = IsStandardOutput ? "Standard output" : $"The output '{Name}'";
        var why = DiskFull.Is(exception) ? "the disk is full" : exception.Message.TrimEnd('.');
        var left = target is null || file is not FileStream part ? "What was written before stays there"
            : $"{Sizes.Words(new FileInfo(part.Name).Length)} were written, which are removed again; {(File.Exists(target) ? "the file that is there stays as it was" : "no file of this name is left")}";
        return new($"{what} could not be written to its end: {why}. {left}. Make room or name another output; then the same command writes it, and does no work twice.", exception);
    }

    private static Output OpenFile(string given, string full, KeptFiles kept)
    {
        // A link stays a link: what it leads to is replaced.
        var target = Links.Resolve(full);
        if (!Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw new EnrichmentException($"The folder of the output '{given}' is not there. Make it, or name another.");
        }

        kept.Refuse(given);
        var identity = FileIdentity.Of(target);
        return identity is not null && (identity == FileIdentity.OfDescriptor(1) || identity == FileIdentity.OfDescriptor(2))
            ? throw new EnrichmentException(
                $"The output '{given}' is the file into which this process already writes its messages. Name another, or - for standard output.")
            : new(given, full, PartFile.Create(target), target);
    }

    // A pipe without a reader blocks the open, as in a shell: Ctrl-C still ends the command.
    private static async Task<Stream> OpenDeviceAsync(string given, string full, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), CancellationToken.None)
                .WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EnrichmentException($"The output '{given}' cannot be written: {exception.Message}", exception);
        }
    }
}
