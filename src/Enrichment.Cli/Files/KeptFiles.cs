namespace Enrichment.Cli.Files;

/// <summary>Files that no output of a command may replace: the store, and everything that the command reads.</summary>
internal sealed class KeptFiles
{
    // What SQLite and the one worker of a file keep beside it.
    private static readonly string[] BesideStore = ["-wal", "-shm", "-journal", ".worker.lock", ".worker.pid"];
    private readonly List<(string What, Place Place)> kept = [];

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

    /// <exception cref="EnrichmentException">The output is one of these files, under whatever name.</exception>
    public void Refuse(string output)
    {
        var place = new Place(output);
        if (kept.Find(file => file.Place.Is(place)) is { What: { } what })
        {
            throw new EnrichmentException($"The output '{output}' is {what}, which it would replace. Name another file.");
        }
    }
}
