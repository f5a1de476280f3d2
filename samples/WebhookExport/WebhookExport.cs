using Enrichment;
using Enrichment.Consolidation;

namespace WebhookExport;

/// <summary>
/// Sends the rows of an upload to a webhook: a few as a test of the connection, then batch after batch. Each has a launch key, so that a
/// run that was ended goes on where it was, and no row is sent twice.
/// </summary>
public sealed class Export(EnrichmentEngine engine, EnrichmentClient client, Upload upload, string pipeline, TextWriter output)
{
    /// <summary>How many rows test the connection; they are the first of the file, and are not sent again.</summary>
    public int TestRows { get; init; } = 10;

    /// <summary>How many rows a batch has.</summary>
    public int BatchRows { get; init; } = 25_000;

    /// <summary>After how many failed rows a batch is paused.</summary>
    public int MostErrors { get; init; } = 10;

    /// <summary>Sends all rows.</summary>
    /// <param name="folder">Gets a CSV of each batch, with the status of its rows.</param>
    /// <returns>Whether every batch has ended, and the test without an error.</returns>
    public async Task<bool> RunAsync(string folder)
    {
        var test = await SendAsync("test", 1, TestRows, mostErrors: 1, folder);
        if (test.Failed > 0)
        {
            await output.WriteLineAsync("The webhook does not take rows: nothing else was sent.");
            return false;
        }

        var last = upload.Accepted + upload.Rejected;
        for (var (number, first) = (1, TestRows + 1); first <= last; (number, first) = (number + 1, first + BatchRows))
        {
            var sent = await SendAsync($"batch {number}", first, BatchRows, MostErrors, folder);
            if (!sent.Batch.HasEnded)
            {
                await output.WriteLineAsync(
                    $"Stopped after {sent.Failed} errors. Mend the cause, resume batch {sent.Batch.Id}, and run this again.");
                return false;
            }
        }

        return true;
    }

    private async Task<BatchProgress> SendAsync(string name, int first, int rows, int mostErrors, string folder)
    {
        var batch = await client.LaunchAsync(
            upload.Id,
            new() { Pipeline = pipeline, Key = $"{upload.Id} {name}", Rows = [.. Enumerable.Range(first, rows)] });
        var work = engine.RunUntilDrainedAsync();
        await foreach (var progress in client.WatchAsync(batch.Id, TimeSpan.FromMilliseconds(100)))
        {
            if (progress.Failed >= mostErrors && !progress.Batch.HasEnded && progress.Batch.Status != BatchStatus.Paused)
            {
                await client.PauseAsync(batch.Id); // A call that is out ends.
            }

            if (progress.Batch.Status == BatchStatus.Paused)
            {
                break;
            }
        }

        await work;
        var sent = await client.GetProgressAsync(batch.Id);
        await output.WriteLineAsync(
            $"{name}: {sent.Batch.Items} rows, {sent.Ended - sent.Failed} sent, {sent.Failed} failed, {sent.Batch.Status}");
        await using var csv = File.Create(Path.Combine(folder, $"{name}.csv"));
        await (await client.ReadRecordsAsync(batch.Id)).WriteCsvAsync(csv, withStatus: true);
        return sent;
    }
}
