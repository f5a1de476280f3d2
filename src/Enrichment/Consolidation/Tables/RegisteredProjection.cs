namespace Enrichment.Consolidation.Tables;

/// <summary>A projection that a store has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">The number in the names of its versions' tables.</param>
/// <param name="Table">The name of its table.</param>
/// <param name="Live">The version whose rows are read.</param>
/// <param name="Since">Since when.</param>
/// <param name="Building">The version that is being built, or waits for its operator; null if there is none.</param>
internal sealed record RegisteredProjection(string Name, int Number, string Table, int Live, DateTimeOffset Since, int? Building)
{
    /// <summary>All of them, by name.</summary>
    public static Task<List<RegisteredProjection>> ListAsync(IProjectionTransactions store, CancellationToken cancellationToken) =>
        store.LookAsync("", session => ListAsync(session, cancellationToken), cancellationToken);

    /// <summary>All of them, by name.</summary>
    public static async Task<List<RegisteredProjection>> ListAsync(ProjectionSession session, CancellationToken cancellationToken)
    {
        await using var command = session.Command(
            session.Dialect.Sql["list_projections"], new() { ["building"] = (short)VersionStatus.Building });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var projections = new List<RegisteredProjection>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            projections.Add(new(
                reader.GetString(0),
                reader.GetInt32(1),
                reader.GetString(2),
                reader.GetInt32(3),
                new(session.Dialect.Time(reader, 4), TimeSpan.Zero),
                reader.IsDBNull(5) ? null : reader.GetInt32(5)));
        }

        return projections;
    }
}
