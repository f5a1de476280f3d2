using System.Threading.Channels;
using Enrichment.Benchmarks.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Enrichment.Benchmarks.References;

/// <summary>
/// A receiver as one would write it by hand for speed alone: reads the body, waits until a grouped INSERT has put it into a table, and
/// acknowledges. It checks nothing.
/// </summary>
internal sealed class BareReceiver : IAsyncDisposable
{
    private const int MostAtOnce = 500;

    private readonly Channel<(string Token, byte[] Body, TaskCompletionSource Stored)> queue = Channel.CreateUnbounded<(
        string,
        byte[],
        TaskCompletionSource)>(new() { SingleReader = true });
    private readonly NpgsqlDataSource database;
    private readonly Task storing;

    public BareReceiver(BenchDatabase database)
    {
        this.database = NpgsqlDataSource.Create(database.ConnectionString);
        storing = Task.Run(StoreAllAsync);
    }

    public static Task PrepareAsync(BenchDatabase database) =>
        database.ExecuteAsync(
            "create table deliveries (id bigint generated always as identity primary key, token text not null, received_at timestamptz not null default now(), body bytea not null)");

    public void Map(WebApplication app) => app.MapPost("/callbacks/{token}", async (string token, HttpContext http) =>
    {
        var body = new byte[(int)http.Request.ContentLength!.Value];
        await http.Request.Body.ReadExactlyAsync(body);
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await queue.Writer.WriteAsync((token, body, stored));
        await stored.Task;
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    });

    public async ValueTask DisposeAsync()
    {
        queue.Writer.Complete();
        await storing;
        await database.DisposeAsync();
    }

    private async Task StoreAllAsync()
    {
        await using var connection = await database.OpenConnectionAsync();
        var tokens = new NpgsqlParameter<string[]>();
        var bodies = new NpgsqlParameter<byte[][]>();
        await using var command = new NpgsqlCommand("insert into deliveries (token, body) select * from unnest($1, $2)", connection)
        {
            Parameters = { tokens, bodies },
        };
        tokens.TypedValue = [];
        bodies.TypedValue = [];
        await command.PrepareAsync();
        var set = new List<(string Token, byte[] Body, TaskCompletionSource Stored)>();
        while (await queue.Reader.WaitToReadAsync())
        {
            while (set.Count < MostAtOnce && queue.Reader.TryRead(out var delivery))
            {
                set.Add(delivery);
            }

            tokens.TypedValue = [.. set.Select(delivery => delivery.Token)];
            bodies.TypedValue = [.. set.Select(delivery => delivery.Body)];
            await command.ExecuteNonQueryAsync();
            set.ForEach(delivery => delivery.Stored.SetResult());
            set.Clear();
        }
    }
}
