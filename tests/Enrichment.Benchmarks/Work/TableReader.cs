using System.Data.Common;
using System.Diagnostics;
using Enrichment.Consolidation;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Enrichment.Benchmarks.Work;

/// <summary>
/// Reads a typed table by its view for a tenth of the time, until it is disposed of. Each look must find all rows of one version and the
/// columns of the same version.
/// </summary>
internal sealed class TableReader : IAsyncDisposable
{
    private const int PausesOfLook = 9;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource stop = new();
    private readonly LeadStore leads;
    private readonly string table;
    private readonly int? beside;
    private readonly bool isRetyped;
    private readonly Task reading;
    private int looks;

    /// <param name="leads">The store.</param>
    /// <param name="projection">Whose table is read.</param>
    /// <param name="beside">How many items a batch has that may come into the table meanwhile.</param>
    public TableReader(LeadStore leads, Projection projection, int? beside)
    {
        (this.leads, table, this.beside) = (leads, projection.Table, beside);
        isRetyped = projection == LeadTables.Changed;
        reading = Task.Run(ReadAsync);
    }

    /// <summary>How often it has looked.</summary>
    public int Looks => Volatile.Read(ref looks);

    /// <summary>Waits for two looks more: the second began after the call.</summary>
    public async Task SeeAsync()
    {
        for (var seen = Looks; Looks < seen + 2 && !reading.IsCompleted;)
        {
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        stop.Dispose();
    }

    private async Task ReadAsync()
    {
        await using DbConnection connection = leads.Database is { } database
            ? new NpgsqlConnection(database.ConnectionString)
            : new SqliteConnection($"Data Source={leads.Path}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        var name = leads.Database is null ? table : $"enrichment.{table}";
        command.CommandText = $"select t.*, (select count(*) from {name}) as rows from {name} t limit 1";
        while (!stop.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
            var isNew = columns.Contains("provider") && !reader.IsDBNull(columns.IndexOf("provider")); // A rollback may leave it, as null.
            var rows = reader.GetInt64(columns.IndexOf("rows"));
            if (rows != leads.Batch.Items && !(beside is { } more && rows == leads.Batch.Items + more))
            {
                throw new InvalidOperationException($"The run is void: a reader found {rows} rows.");
            }

            if (isRetyped && (reader.GetFieldType(columns.IndexOf("email_score")) != typeof(long)) != isNew)
            {
                throw new InvalidOperationException("The run is void: a reader found columns of two versions.");
            }

            Interlocked.Increment(ref looks);
            await reader.CloseAsync();
            await Task.Delay(Pause + (PausesOfLook * Stopwatch.GetElapsedTime(started)), TimeProvider.System);
        }
    }
}
