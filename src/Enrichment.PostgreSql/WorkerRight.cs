namespace Enrichment.PostgreSql;

/// <summary>The right to run a worker, which here every process has.</summary>
internal sealed class WorkerRight : IAsyncDisposable
{
    public static readonly WorkerRight Granted = new();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
