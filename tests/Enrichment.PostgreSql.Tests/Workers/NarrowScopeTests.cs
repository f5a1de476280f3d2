using Enrichment.TestKit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>What a fetch costs a worker that may have few clients, beside tasks of many others.</summary>
public sealed class NarrowScopeTests
{
    [Fact]
    public async Task A_fetch_looks_only_into_buckets_with_tasks_that_the_worker_may_have()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        await Wait.UntilAsync(async () => await worker.OwnAsync<long>("select count(*) from enrichment.external_tasks") == 1);

        // A like task of another client in each bucket, and of a third one in two.
        await worker.OwnAsync("""
            create table enrichment.copied as select * from enrichment.external_tasks;
            update enrichment.copied set client = 'globex', item = item + 1;
            do $$ begin
                for other in 0..63 loop
                    update enrichment.copied set bucket = other, client = 'globex';
                    insert into enrichment.external_tasks select * from enrichment.copied;
                end loop;
                for other in 3..4 loop
                    update enrichment.copied set bucket = other, client = 'initech', item = item + 1;
                    insert into enrichment.external_tasks select * from enrichment.copied;
                end loop;
            end $$
            """);
        using var statements = new CountedStatements();
        await using var source = new NpgsqlDataSourceBuilder(worker.OwnerString).UseLoggerFactory(statements).Build();
        var store = new PostgreSqlStore(source);

        await FetchAsync("nobody"); // Of a new connection the driver asks more.

        // The note, the search for buckets, and one for each bucket.
        Assert.Equal((0, 2), await FetchAsync("nobody"));
        Assert.Equal((2, 4), await FetchAsync("initech"));
        Assert.Equal((0, 2), await FetchAsync("initech"));
        Assert.Equal((1, 3), await FetchAsync("acme"));
        Assert.Equal((64, 66), await FetchAsync("globex"));

        async Task<(int Tasks, int Statements)> FetchAsync(string client)
        {
            var before = statements.Count;
            var tasks = await store.FetchTasksAsync(
                new()
                {
                    Step = "python.size",
                    Worker = client,
                    Identity = "http:worker",
                    Clients = [client],
                    Limit = 100,
                    Hold = TimeSpan.FromMinutes(1),
                },
                default);
            return (tasks.Count, statements.Count - before);
        }
    }

    /// <summary>Counts what the driver sends.</summary>
    private sealed class CountedStatements : ILoggerFactory, ILogger
    {
        private int count;

        public int Count => Volatile.Read(ref count);

        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "CommandExecutionCompleted")
            {
                Interlocked.Increment(ref count);
            }
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
