using Enrichment.Hosting;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>The engine's own data source and one that the host registers do not meet.</summary>
public sealed class DataSourceTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    // Where nothing listens: it is refused at once if anybody uses it.
    private const string Hosts = "Host=127.0.0.1;Port=9;Username=host";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_engine_neither_uses_nor_replaces_the_hosts_data_source(bool registeredBefore)
    {
        var services = new ServiceCollection();
        await using var hosts = NpgsqlDataSource.Create(Hosts);
        if (registeredBefore)
        {
            services.AddSingleton(hosts);
        }

        services.AddEnrichment(e => e.UsePostgreSql(database.ConnectionString, new() { Schema = registeredBefore ? "before" : "after" }));
        if (!registeredBefore)
        {
            services.AddSingleton(hosts);
        }

        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<EnrichmentEngine>().MigrateAsync();

        Assert.Same(hosts, Assert.Single(provider.GetServices<NpgsqlDataSource>()));
    }

    [Fact]
    public async Task A_host_that_registers_none_is_given_none()
    {
        await using var provider = Services(database.ConnectionString).BuildServiceProvider();
        await provider.GetRequiredService<EnrichmentEngine>().MigrateAsync();

        Assert.Null(provider.GetService<NpgsqlDataSource>());
    }

    [Fact]
    public async Task The_engines_data_source_is_closed_with_the_host()
    {
        var provider = Services(database.ConnectionString).BuildServiceProvider();
        var store = provider.GetRequiredService<IEnrichmentStore>();
        await provider.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.HasSchemaAsync(default));
    }

    [Fact]
    public async Task UsePostgreSql_without_a_connection_string_takes_the_hosts_data_source()
    {
        var services = new ServiceCollection();
        services.AddSingleton(NpgsqlDataSource.Create(database.ConnectionString));
        services.AddEnrichment(e => e.UsePostgreSql(new PostgreSqlOptions { Schema = "shared_source" }));
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<EnrichmentEngine>().MigrateAsync();
    }

    private static ServiceCollection Services(string connectionString)
    {
        var services = new ServiceCollection();
        services.AddEnrichment(e => e.UsePostgreSql(connectionString, new() { Schema = "alone" }));
        return services;
    }
}
