using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <summary>Chooses PostgreSQL.</summary>
public static class PostgreSqlBuilder
{
    /// <summary>Keeps everything in a PostgreSQL database, through a data source of the engine's own.</summary>
    /// <param name="builder">The engine's builder.</param>
    /// <param name="connectionString">As Npgsql reads it; <c>No Reset On Close</c> is switched on. A pooler in transaction mode may stand between; leave <c>Max Auto Prepare</c> off if it does not track prepared statements.</param>
    /// <param name="options">The schema's name.</param>
    /// <exception cref="EnrichmentException">The connection string cannot be read.</exception>
    public static EnrichmentBuilder UsePostgreSql(this EnrichmentBuilder builder, string connectionString, PostgreSqlOptions? options = null)
    {
        NpgsqlDataSource database;
        try
        {
            // The store leaves no session state behind, so nothing needs a reset before each operation. Behind a pooler in transaction mode it would be a transaction of its
            // own, on whichever server connection is free.
            database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true });
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // Without the text itself: it may hold a password.
            throw new EnrichmentException($"The PostgreSQL connection string cannot be read: {exception.Message} Expected something like Host=localhost;Database=leads;Username=me;Password=….", exception);
        }

        builder.Services.AddSingleton(_ => database);
        return builder.UseStore(services => new PostgreSqlStore(services.GetRequiredService<NpgsqlDataSource>(), options));
    }

    /// <summary>Keeps everything in the database of the <see cref="NpgsqlDataSource"/> that the host has registered.</summary>
    /// <param name="builder">The engine's builder.</param>
    /// <param name="options">The schema's name.</param>
    public static EnrichmentBuilder UsePostgreSql(this EnrichmentBuilder builder, PostgreSqlOptions? options = null) => builder.UseStore(services => new PostgreSqlStore(
        services.GetService<NpgsqlDataSource>() ?? throw new EnrichmentException("UsePostgreSql() found no NpgsqlDataSource among the host's services. Register one, or pass a connection string."),
        options));
}
