using System.Security.Cryptography;

namespace Enrichment.Cli.Files;

/// <summary>Files that no output of a command may replace: the store, and everything that the command reads.</summary>
internal sealed class KeptFiles
{
    // What SQLite and the one worker of a file keep beside it.
    private static readonly string[] BesideStore = ["-wal", "-shm", "-journal", ".worker.lock", ".worker.pid"];
    private readonly List<(string What, Place Place)> kept = [];
    private readonly List<(string What, Upload Upload)> contents = [];

    /// <param name="store">Its file is kept, if it is one.</param>
    public KeptFiles(StoreAddress store)
    {
        if (store.File is not { } file)
        {
            return;
        }

        foreach (var path in new[] { Path.GetFullPath(file), Links.Resolve(Path.GetFullPath(file)) }.Distinct())
        {
            Add("the store", path);
            foreach (var suffix in BesideStore)
            {
                Add("a file of the store", path + suffix);
            }
        }
    }

    /// <param name="what">What the file is to the command, such as "the input".</param>
    /// <param name="path">Null or <c>-</c>: there is no such file.</param>
    public KeptFiles Add(string what, string? path)
    {
        if (path is { Length: > 0 } and not Output.Standard)
        {
            kept.Add((what, new(path)));
        }

        return this;
    }

    public KeptFiles Add(string what, IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            Add(what, path);
        }

        return this;
    }

    /// <summary>Keeps every file with the content of an upload: the store knows what was read, not where it was.</summary>
    public KeptFiles AddContent(string what, Upload upload)
    {
        contents.Add((what, upload));
        return this;
    }

    /// <summary>Keeps the files of all uploads of the store: no list comes back from an overwritten file, whose ever it is.</summary>
    public async Task<KeptFiles> AddUploadsAsync(EnrichmentEngine engine, CancellationToken cancellationToken)
    {
        foreach (var client in await engine.ListClientsAsync(cancellationToken))
        {
            await foreach (var upload in engine.Client(client).ListUploadsAsync(cancellationToken: cancellationToken))
            {
                AddContent("an uploaded file", upload);
            }
        }

        return this;
    }

    /// <exception cref="EnrichmentException">The output is one of these files, under any name.</exception>
    public void Refuse(string output)
    {
        var place = new Place(output);
        Refuse(output, kept.Find(file => file.Place.Is(place)).What ?? ContentOf(output));
    }

    /// <summary>For an output that was opened before the store was: it has replaced nothing yet.</summary>
    /// <exception cref="EnrichmentException">It would replace a file with the content of an upload.</exception>
    public void RefuseContent(Output? output)
    {
        if (output is { Replaces: { } file })
        {
            Refuse(file, ContentOf(file));
        }
    }

    private static void Refuse(string output, string? what)
    {
        if (what is not null)
        {
            throw new EnrichmentException($"The output '{output}' is {what}, which it would replace. Name another file.");
        }
    }

    private string? ContentOf(string output) => contents.Find(content => Holds(output, content.Upload)).What;

    // One that cannot be read cannot be told: it is replaced as any other.
    private static bool Holds(string path, Upload upload)
    {
        try
        {
            if (FileIdentity.Of(path) is not { IsRegular: true })
            {
                return false;
            }

            using var file = File.OpenRead(path);
            return file.Length == upload.SizeBytes && SHA256.HashData(file).AsSpan().SequenceEqual(upload.Sha256.Span);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
