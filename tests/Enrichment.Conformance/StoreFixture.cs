using System.Data.Common;
using System.Globalization;
using Enrichment.Hosting;
using Enrichment.Testing;

namespace Enrichment.Conformance;

/// <summary>An empty store that one conformance case has to itself. A store's test project derives from this in a few lines.</summary>
internal abstract class StoreFixture : IAsyncDisposable
{
    /// <summary>The clock that the store was given as its own: cases move time by it.</summary>
    public FakeClock Clock { get; } = new();

    /// <summary>The store: migrated, empty, and on <see cref="Clock"/>.</summary>
    public abstract IEnrichmentStore Store { get; }

    /// <summary>
    /// Opens a connection of the host's own to the store's database, on which the store's tables are found by their bare names.
    /// </summary>
    /// <remarks>Serves launches inside a host's transaction, and deliberate corruption. The caller disposes it.</remarks>
    public abstract Task<DbConnection> OpenAsync();

    /// <summary>Runs SQL behind the store's back, in the words that all dialects share. Returns the rows changed.</summary>
    public async Task<int> ExecuteRawAsync(string sql)
    {
        await using var connection = await OpenAsync();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the suite's own literals.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads one number behind the store's back.</summary>
    public async Task<long> CountRawAsync(string sql)
    {
        await using var connection = await OpenAsync();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the suite's own literals.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>Removes the store and everything in it.</summary>
    public abstract ValueTask DisposeAsync();
}
