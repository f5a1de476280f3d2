namespace Enrichment.TestKit;

/// <summary>The server that the tests of one process share: the one that the environment names, else a cluster of their own.</summary>
public static class PostgresServer
{
    /// <summary>
    /// The environment variable that names a server to use: an Npgsql connection string of a user who may create databases.
    /// </summary>
    public const string Variable = "ENRICHMENT_TEST_POSTGRES";

    // The cluster lives as long as the process; its watchdog ends it.
    private static readonly Lazy<Task<PostgresCluster>> Own = new(() => PostgresCluster.StartAsync());

    /// <summary>A connection string to the shared server. The first call starts the cluster where one is needed.</summary>
    /// <exception cref="PostgresMissingException">There is neither a named server nor binaries to start one.</exception>
    public static async Task<string> ConnectionStringAsync()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        return string.IsNullOrWhiteSpace(named) ? (await Own.Value).ConnectionString : named;
    }
}
