using System.Globalization;
using System.Text;

namespace Enrichment.Chaos.Worker;

/// <summary>
/// What the vendor saw: one line a call, in a file outside the store that outlives the process. Each process writes its own.
/// </summary>
public sealed class Ledger : IDisposable
{
    private readonly Lock gate = new();
    private readonly FileStream file;

    private Ledger(FileStream file) => this.file = file;

    /// <summary>Begins a file of this process in the folder.</summary>
    public static Ledger Open(string folder) =>
        new(
            new(
                Path.Combine(folder, $"{Environment.ProcessId}-{Guid.NewGuid():n}.ledger"),
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.Read,
                bufferSize: 0));

    /// <summary>The lines of all processes.</summary>
    public static IReadOnlyList<LedgerLine> Read(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.ledger").SelectMany(File.ReadLines).Select(LedgerLine.Parse)];

    /// <summary>One write to the operating system, which keeps it however the process ends.</summary>
    public void Write(StepContext context)
    {
        var line = Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{context.IdempotencyKey} {context.BatchId} {context.Item} {context.Attempt}\n"));
        lock (gate)
        {
            file.Write(line);
        }
    }

    public void Dispose() => file.Dispose();
}
