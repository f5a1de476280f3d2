using System.CommandLine;
using Enrichment.Consolidation;
using Enrichment.Providers.Normalization;
using Microsoft.Extensions.Logging;

namespace Enrichment.Cli;

/// <summary>An engine on the store that the command line names, its schema up to date, and the client's door.</summary>
internal sealed class Session : IAsyncDisposable
{
    private Session(EnrichmentEngine engine, EnrichmentClient client)
    {
        Engine = engine;
        Client = client;
    }

    public EnrichmentEngine Engine { get; }

    public EnrichmentClient Client { get; }

    /// <summary>Opens the store for a command that brings data in: a SQLite file is made if it is not there.</summary>
    public static Task<Session> OpenOrCreateAsync(ParseResult parsed, CancellationToken cancellationToken, Action<EnrichmentBuilder>? also = null, LogLevel level = LogLevel.Warning) =>
        OpenAsync(parsed, StoreAddress.Parse(parsed.GetValue(CommonOptions.Store)), also, level, cancellationToken);

    /// <summary>Opens the store for a command on what is in it already.</summary>
    /// <exception cref="EnrichmentException">The SQLite file is not there: in an empty one nothing could be found.</exception>
    public static Task<Session> OpenAsync(ParseResult parsed, CancellationToken cancellationToken, Action<EnrichmentBuilder>? also = null, LogLevel level = LogLevel.Warning)
    {
        var address = StoreAddress.Parse(parsed.GetValue(CommonOptions.Store));
        return address.IsMissingFile
            ? throw new EnrichmentException($"There is no database '{address.Name}'. Name the right one with --store or {StoreAddress.Variable}; 'enrich run' and 'enrich upload' make it.")
            : OpenAsync(parsed, address, also, level, cancellationToken);
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private static async Task<Session> OpenAsync(ParseResult parsed, StoreAddress address, Action<EnrichmentBuilder>? also, LogLevel level, CancellationToken cancellationToken)
    {
        var engine = EnrichmentEngine.Create(
            builder =>
            {
                address.Use(builder);
                builder.AddProvider<NormalizationProvider>();
                also?.Invoke(builder);
            },
            log => log.SetMinimumLevel(level).AddProvider(new StandardErrorLog()));
        try
        {
            var client = engine.Client(parsed.GetRequiredValue(CommonOptions.Client));
            await engine.MigrateAsync(cancellationToken);
            return new(engine, client);
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }
}
