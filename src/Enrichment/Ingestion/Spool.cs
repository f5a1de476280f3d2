using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>
/// A temporary file for content that cannot be read twice: a network stream, or records that are made while they are read.
/// </summary>
/// <remarks>
/// An upload is read twice, so that its encoding is proved and its content recognised before a row is staged. The file's name is removed as
/// soon as it is open where the platform allows (Linux, macOS), and by the system on closing elsewhere, so that not even a killed process
/// leaves it behind.
/// </remarks>
internal static class Spool
{
    public static FileStream Create()
    {
        var path = Path.Combine(Path.GetTempPath(), "enrichment-" + Guid.NewGuid().ToString("N"));
        var file = PrivateFile.Create(path, FileOptions.Asynchronous | FileOptions.DeleteOnClose, FileShare.Delete, bufferSize: 0);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }

        return file;
    }

    /// <summary>Keeps all that a stream still has.</summary>
    public static async Task<FileStream> OfAsync(Stream content, CancellationToken cancellationToken)
    {
        var file = Create();
        try
        {
            await content.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes records as JSON lines.</summary>
    public static async Task<FileStream> OfAsync<T>(
        IAsyncEnumerable<T> records,
        JsonSerializerOptions? json,
        CancellationToken cancellationToken)
    {
        var file = Create();
        try
        {
            var lineOptions = new JsonSerializerOptions(json ?? JsonSerializerOptions.Default) { WriteIndented = false };
            var buffered = new BufferedStream(file, 64 * 1024);
            await foreach (var record in records.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await JsonSerializer.SerializeAsync(buffered, record, lineOptions, cancellationToken).ConfigureAwait(false);
                buffered.WriteByte((byte)'\n');
            }

            await buffered.FlushAsync(cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
