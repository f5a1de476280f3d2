using System.Globalization;

namespace Enrichment.Sqlite;

/// <summary>The right to run the one worker of a database file. A second file says who holds it: the locked one can be read by nobody else.</summary>
internal sealed class WorkerLock : IAsyncDisposable
{
    private readonly FileStream held;
    private readonly string holder;

    private WorkerLock(FileStream held, string holder)
    {
        this.held = held;
        this.holder = holder;
    }

    /// <summary>Takes the lock; null if another process, or another worker of this one, has it.</summary>
    /// <exception cref="EnrichmentException">The lock's file can not be made or written.</exception>
    public static WorkerLock? TryTake(string path)
    {
        FileStream stream;
        try
        {
            stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EnrichmentException($"The worker's lock '{path}' cannot be made: {exception.Message} Its directory has to be there and writable.", exception);
        }

        var holder = HolderOf(path);
        File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new(stream, holder);
    }

    /// <summary>Why one waits, for people.</summary>
    public static string Describe(string path)
    {
        string? process = null;
        try
        {
            process = File.ReadAllText(HolderOf(path)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only the sentence is poorer for it.
        }

        var who = int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? $"process {id}" : "another process";
        return $"The lock '{path}' is held by {who}: one worker at a time works on a SQLite database. Waiting until it ends; for several at once use PostgreSQL.";
    }

    public async ValueTask DisposeAsync()
    {
        // The lock's own file stays: whoever deleted it could take it from under one who has just opened it.
        File.Delete(holder);
        await held.DisposeAsync().ConfigureAwait(false);
    }

    private static string HolderOf(string path) => Path.ChangeExtension(path, ".pid");
}
