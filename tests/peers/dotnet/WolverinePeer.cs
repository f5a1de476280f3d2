using JasperFx;
using JasperFx.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wolverine;
using Wolverine.Postgresql;
using Wolverine.RDBMS;
using Wolverine.Runtime;
using Wolverine.Tracking;

/// <summary>
/// Wolverine with its durable local queue in PostgreSQL: the message of the next step is stored in the transaction that stores the result.
/// </summary>
internal sealed class WolverinePeer : IPeer
{
    private const int Parallel = 32;
    private const int Chunk = 1_000;

    // A durable local queue holds 10,000 messages in memory, and whoever posts to a full one waits, a handler that posts the next step to
    // its own queue like any other: when all of them wait, nobody takes a message any more. An item has one message at a time, so that
    // fewer items than that never fill it.
    private const int Underway = 8_000;

    public string Name => "wolverine";

    public string Version => typeof(WolverineOptions).Assembly.GetName().Version!.ToString(3);

    public string Setting => $"durable local queue, {Parallel} handlers in parallel";

    public async Task<IRunningPeer> StartAsync(string connectionString, Progress progress)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var database = NpgsqlDataSource.Create(connectionString);
        builder.Services.AddSingleton(progress).AddSingleton(database);
        builder.UseWolverine(options =>
        {
            options.PersistMessagesWithPostgresql(database);
            options.Durability.Mode = DurabilityMode.Solo;
            options.Policies.UseDurableLocalQueues();
            options.LocalQueueFor<Step>().MaximumParallelMessages(Parallel);
        });
        builder.Services.AddResourceSetupOnStartup();
        var host = builder.Build();
        await host.StartAsync();
        return new Running(host, database, progress);
    }

    private sealed class Running(IHost host, NpgsqlDataSource database, Progress progress) : IRunningPeer
    {
        /// <summary>A transaction a thousand messages, through the outbox as outside of handlers.</summary>
        public async Task EnqueueAsync(int items)
        {
            foreach (var chunk in Enumerable.Range(1, items).Chunk(Chunk))
            {
                while (chunk[^1] - progress.Done > Underway)
                {
                    await Task.Delay(10);
                }

                await using var connection = await database.OpenConnectionAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                var outbox = new MessageContext(host.GetRuntime());
                await outbox.EnlistInOutboxAsync(new DatabaseEnvelopeTransaction((IMessageDatabase)outbox.Storage, transaction));
                foreach (var item in chunk)
                {
                    await outbox.PublishAsync(new Step(item, 1));
                }

                await transaction.CommitAsync();
                await outbox.FlushOutgoingMessagesAsync();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
            await database.DisposeAsync();
        }
    }
}

/// <summary>One step of one item.</summary>
public sealed record Step(int Item, int Number);

/// <summary>Wolverine finds it by its name. On plain Npgsql a handler enlists the outbox in its transaction itself.</summary>
public static class StepHandler
{
    public static async Task Handle(
        Step step,
        MessageContext context,
        NpgsqlDataSource database,
        Progress progress,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await context.EnlistInOutboxAsync(new DatabaseEnvelopeTransaction((IMessageDatabase)context.Storage, transaction));
        await using var storing = Results.Storing(step.Item, step.Number);
        storing.Connection = connection;
        await storing.ExecuteNonQueryAsync(cancellationToken);
        if (step.Number < 3)
        {
            await context.PublishAsync(step with { Number = step.Number + 1 });
        }

        await transaction.CommitAsync(cancellationToken);
        if (step.Number == 3)
        {
            progress.Finished();
        }
    }
}
