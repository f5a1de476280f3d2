using JasperFx;
using JasperFx.Resources;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wolverine;
using Wolverine.Postgresql;
using Wolverine.RDBMS;
using Wolverine.Runtime;

/// <summary>
/// Wolverine with its durable local queue in PostgreSQL: a handler takes part in a transaction in which it stores its result, and the message that it returns is
/// stored in the same transaction.
/// </summary>
internal sealed class WolverinePeer : IPeer
{
    private const int Parallel = 32;

    public string Name => "wolverine";

    public string Version => typeof(WolverineOptions).Assembly.GetName().Version!.ToString(3);

    public string Setting => $"durable local queue, {Parallel} handlers in parallel";

    public async Task<IRunningPeer> StartAsync(string connectionString, Progress progress)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
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
        return new Running(host, database);
    }

    private sealed class Running(IHost host, NpgsqlDataSource database) : IRunningPeer
    {
        public Task EnqueueAsync(int items) => System.Threading.Tasks.Parallel.ForEachAsync(Enumerable.Range(1, items), new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (item, _) =>
        {
            using var scope = host.Services.CreateScope();
            await scope.ServiceProvider.GetRequiredService<IMessageBus>().PublishAsync(new Step(item, 1));
        });

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
    public static async Task Handle(Step step, MessageContext context, NpgsqlDataSource database, Progress progress, CancellationToken cancellationToken)
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
