using Hangfire;
using Hangfire.PostgreSql;
using Npgsql;

/// <summary>
/// Hangfire: a job stores its result, then enqueues the job of the next step. Hangfire's storage works in transactions of its own; a job
/// that ran twice in between would store once.
/// </summary>
internal sealed class HangfirePeer : IPeer
{
    private const int Workers = 20;

    public string Name => "hangfire";

    public string Version => typeof(BackgroundJob).Assembly.GetName().Version!.ToString(3);

    public string Setting =>
        $"{Workers} workers, sliding invisibility timeout, Hangfire.PostgreSql {typeof(PostgreSqlStorage).Assembly.GetName().Version!.ToString(3)}";

    public Task<IRunningPeer> StartAsync(string connectionString, Progress progress)
    {
        GlobalConfiguration.Configuration.UsePostgreSqlStorage(
            bootstrapper => bootstrapper.UseNpgsqlConnection(connectionString),
            new PostgreSqlStorageOptions { QueuePollInterval = TimeSpan.FromMilliseconds(200), UseSlidingInvisibilityTimeout = true });
        var storage = (PostgreSqlStorage)JobStorage.Current;
        var database = NpgsqlDataSource.Create(connectionString);
        StepJob.Use(database, new BackgroundJobClient(storage), progress);
        var server = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = Workers }, storage);
        return Task.FromResult<IRunningPeer>(new Running(server, storage, database));
    }

    private sealed class Running(BackgroundJobServer server, PostgreSqlStorage storage, NpgsqlDataSource database) : IRunningPeer
    {
        /// <summary>There is no call for many jobs at once: as many callers as there are workers.</summary>
        public Task EnqueueAsync(int items)
        {
            var client = new BackgroundJobClient(storage);
            return Task.Run(() =>
                Parallel.For(
                    1,
                    items + 1,
                    new ParallelOptions { MaxDegreeOfParallelism = Workers },
                    item => client.Enqueue(() => StepJob.Run(item, 1))));
        }

        public async ValueTask DisposeAsync()
        {
            server.SendStop();
            await server.WaitForShutdownAsync(CancellationToken.None);
            server.Dispose();
            await database.DisposeAsync();
            NpgsqlConnection.ClearAllPools();
        }
    }
}

/// <summary>One step of one item, as a job. Hangfire calls it by its name, so what it needs stands in the class.</summary>
public static class StepJob
{
    private static NpgsqlDataSource? database;
    private static IBackgroundJobClient? client;
    private static Progress? progress;

    public static void Use(NpgsqlDataSource database, IBackgroundJobClient client, Progress progress) =>
        (StepJob.database, StepJob.client, StepJob.progress) = (database, client, progress);

    public static void Run(int item, int step)
    {
        using (var connection = database!.OpenConnection())
        using (var storing = Results.Storing(item, step))
        {
            storing.Connection = connection;
            storing.ExecuteNonQuery();
        }

        if (step < 3)
        {
            client!.Enqueue(() => Run(item, step + 1));
        }
        else
        {
            progress!.Finished();
        }
    }
}
