using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>The clients of a store.</summary>
internal sealed class ClientsCommand : CliCommand
{
    public ClientsCommand()
        : base("clients", "Lists the clients of the store. A client is made with its first upload.", "enrich clients") =>
        LimitOption.AddTo(this);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken);
        var list = new Listing(parsed, "clients", "client") { Nothing = "The store has no client yet: nothing was uploaded." };
        foreach (var client in await session.Engine.ListClientsAsync(cancellationToken))
        {
            await list.AddAsync(new { Client = client }, client);
        }

        return await list.EndAsync();
    }
}
