using Enrichment.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Enrichment;

/// <summary>Chooses PostgreSQL.</summary>
public static class PostgreSqlEnrichmentBuilderExtensions
{
    /// <summary>
    /// Keeps everything in a PostgreSQL database, through a data source of the engine's own. It neither uses nor replaces one that the host
    /// registers.
    /// </summary>
    /// <param name="builder">The engine's builder.</param>
    /// <param name="connectionString">
    /// As Npgsql reads it, or an address such as <c>postgresql://me:secret@host:5432/leads?sslmode=require</c>. <c>No Reset On Close</c> is
    /// switched on. A pooler in transaction mode may be between them; leave <c>Max Auto Prepare</c> off if it does not track prepared
    /// statements.
    /// </param>
    /// <param name="options">The schema's name.</param>
    /// <exception cref="EnrichmentException">
    /// The connection string cannot be read, or switches on multiplexing. The message repeats no part of it.
    /// </exception>
    public static EnrichmentBuilder UsePostgreSql(
        this EnrichmentBuilder builder,
        string connectionString,
        PostgreSqlOptions? options = null)
    {
        var database = Create(connectionString);

        // Keyed, so that the container closes it at its end and no other service gets it.
        var key = new object();
        builder.Services.AddKeyedSingleton(key, (_, _) => database);
        return builder.UseStore(services => new PostgreSqlStore(services.GetRequiredKeyedService<NpgsqlDataSource>(key), options));
    }

    /// <summary>
    /// Keeps everything in the database of the <see cref="NpgsqlDataSource"/> that the host has registered: of an engine with a name, the
    /// one that is keyed by the name, if there is one.
    /// </summary>
    /// <param name="builder">The engine's builder.</param>
    /// <param name="options">The schema's name.</param>
    public static EnrichmentBuilder UsePostgreSql(this EnrichmentBuilder builder, PostgreSqlOptions? options = null) =>
        builder.UseStore(services => new PostgreSqlStore(
            (builder.Name is { } name ? services.GetKeyedService<NpgsqlDataSource>(name) : null)
                ?? services.GetService<NpgsqlDataSource>()
                ?? throw new EnrichmentException(
                    "UsePostgreSql() found no NpgsqlDataSource among the host's services. Register one, or pass a connection string."),
            options));

    private static NpgsqlDataSource Create(string connectionString)
    {
        try
        {
            var settings = ConnectionSettings.Parse(connectionString);
            PostgreSqlStore.RefuseMultiplexing(settings);

            // The store leaves no session state behind, so nothing needs a reset before each operation. Behind a pooler in transaction mode
            // it would be a transaction of its own, on whichever server connection is free.
            settings.NoResetOnClose = true;
            return NpgsqlDataSource.Create(settings);
        }
        catch (FormatException exception)
        {
            throw new EnrichmentException(
                $"The PostgreSQL connection string cannot be read. {exception.Message} {ConnectionSettings.Expected}");
        }
        catch (Exception exception)
            when (exception is ArgumentException or InvalidOperationException or NotSupportedException or IOException)
        {
            // Neither the driver's message nor the exception itself is kept: both may hold the password.
            throw new EnrichmentException(
                $"Npgsql does not accept the settings of the PostgreSQL connection string together ({exception.GetType().Name}). Look at its pool sizes, time-outs and certificates.");
        }
    }
}
