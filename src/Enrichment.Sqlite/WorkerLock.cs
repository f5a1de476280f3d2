using System.Globalization;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Sqlite;

/// <summary>
/// The right to run the one worker of a database file. A second file names its holder, because no other process can read the locked file.
/// </summary>
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
            var how = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            stream = new(path, how);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EnrichmentException(
                $"The worker's lock file '{path}' cannot be created: {exception.Message} Make sure that its directory exists and can be written.",
                exception);
        }

        var holder = HolderOf(path);
        Note(holder);
        return new(stream, holder);
    }

    // Deleted and made again, so that a planted link is not followed.
    private static void Note(string holder)
    {
        try
        {
            File.Delete(holder);
            using var file = PrivateFile.Create(holder);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only the message of a second worker then says less.
        }
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
        // The lock's own file stays: its deletion could take it from a process that has just opened it.
        File.Delete(holder);
        await held.DisposeAsync().ConfigureAwait(false);
    }

    private static string HolderOf(string path) => Path.ChangeExtension(path, ".pid");
}
