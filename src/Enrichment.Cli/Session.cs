using System.CommandLine;
using Enrichment.Consolidation;
using Enrichment.Pipelines;
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

    /// <summary>Opens the store for a command that brings data in: a SQLite file is made if it does not exist.</summary>
    /// <param name="parsed">Names store and client.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="table">A projection for the engine.</param>
    /// <param name="also">Further registrations.</param>
    public static Task<Session> OpenOrCreateAsync(
        ParseResult parsed,
        CancellationToken cancellationToken,
        Projection? table = null,
        Action<EnrichmentBuilder>? also = null) => OpenAsync(parsed, AddressOf(parsed), table, also, LogLevel.Warning, cancellationToken);

    /// <summary>Opens the store for a command that changes nothing: a SQLite file that does not exist is not made.</summary>
    /// <param name="parsed">Names store and client.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="also">Further registrations.</param>
    public static Task<Session> OpenIfThereAsync(
        ParseResult parsed,
        CancellationToken cancellationToken,
        Action<EnrichmentBuilder>? also = null)
    {
        var address = AddressOf(parsed);
        return address.IsMissingFile
            ? OpenAsync(parsed, StoreAddress.InMemory, null, also, LogLevel.Warning, cancellationToken)
            : OpenAsync(parsed, address, null, also, LogLevel.Warning, cancellationToken, mustExist: true);
    }

    /// <summary>Opens the store for a command on what is in it already.</summary>
    /// <param name="parsed">Names store and client.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="table">A projection for the engine.</param>
    /// <param name="worker">How it works, if it does.</param>
    /// <param name="level">The lowest level of the engine's log on standard error.</param>
    /// <param name="also">Further registrations.</param>
    /// <exception cref="EnrichmentException">The SQLite file is not there: in an empty one nothing could be found.</exception>
    public static Task<Session> OpenAsync(
        ParseResult parsed,
        CancellationToken cancellationToken,
        Projection? table = null,
        WorkerOptions? worker = null,
        LogLevel level = LogLevel.Warning,
        Action<EnrichmentBuilder>? also = null) =>
        OpenKnownAsync(
            parsed,
            table,
            builder => also?.Invoke(builder.ConfigureWorker(worker ?? new())),
            level,
            everyClient: worker is not null,
            cancellationToken);

    /// <summary>Opens the store for a command that is not about one client.</summary>
    /// <inheritdoc cref="OpenAsync(ParseResult, CancellationToken, Projection?, WorkerOptions?, LogLevel, Action{EnrichmentBuilder}?)"/>
    public static Task<Session> OpenForAllAsync(ParseResult parsed, CancellationToken cancellationToken, Projection? table = null) =>
        OpenKnownAsync(parsed, table, null, LogLevel.Warning, everyClient: true, cancellationToken);

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    public static StoreAddress AddressOf(ParseResult parsed) => StoreAddress.Parse(parsed.GetValue(CommonOptions.Store));

    private static async Task<Session> OpenKnownAsync(
        ParseResult parsed,
        Projection? table,
        Action<EnrichmentBuilder>? also,
        LogLevel level,
        bool everyClient,
        CancellationToken cancellationToken)
    {
        var address = AddressOf(parsed);
        if (address.IsMissingFile)
        {
            throw new EnrichmentException(
                $"There is no database '{address.Name}'. Name the right one with --store or {StoreAddress.Variable}; 'enrich run' and 'enrich upload' make it.");
        }

        var session = await OpenAsync(parsed, address, table, also, level, cancellationToken, mustExist: true);
        if (!everyClient && await session.UnknownClientAsync(cancellationToken) is { } problem)
        {
            await session.DisposeAsync();
            throw new EnrichmentException(problem);
        }

        return session;
    }

    // A store without uploads has no client at all: what the command names then does not exist yet.
    private async Task<string?> UnknownClientAsync(CancellationToken cancellationToken)
    {
        var known = await Engine.ListClientsAsync(cancellationToken);
        return known.Count == 0 || known.Contains(Client.Slug) ? null
            : $"There is no client '{Client.Slug}' in this store.{Nearest.Hint(Client.Slug, known)} Name one with --client: {string.Join(", ", known)}.";
    }

    private static async Task<Session> OpenAsync(
        ParseResult parsed,
        StoreAddress address,
        Projection? table,
        Action<EnrichmentBuilder>? also,
        LogLevel level,
        CancellationToken cancellationToken,
        bool mustExist = false)
    {
        var engine = EnrichmentEngine.Create(
            builder =>
            {
                address.Use(builder);
                builder.AddProvider<NormalizationProvider>()
                    .TrustSettings(SettingsLayer.Launch); // Who calls the tool is the operator.
                if (table is not null)
                {
                    builder.AddProjection(table);
                }

                also?.Invoke(builder);
            },
            log => log.SetMinimumLevel(level).AddProvider(new StandardErrorLog()));
        try
        {
            var client = engine.Client(parsed.GetRequiredValue(CommonOptions.Client));
            if (mustExist && !await engine.Store.HasSchemaAsync(cancellationToken))
            {
                throw new EnrichmentException(
                    $"The database ({address.Name}) has no tables of Enrichment. Name the right one with --store or {StoreAddress.Variable}; 'enrich run', 'enrich upload' and 'enrich db migrate' make what is missing.");
            }

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
