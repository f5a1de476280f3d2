namespace Enrichment.Consolidation;

/// <summary>A projection that a store has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Table">The name of its table.</param>
/// <param name="Live">The version whose rows are read.</param>
/// <param name="Since">Since when.</param>
/// <param name="Building">The version that is being built, or waits for its operator; null if there is none.</param>
internal sealed record RegisteredProjection(string Name, string Table, int Live, DateTimeOffset Since, int? Building)
{
    /// <summary>All of them, by name.</summary>
    public static Task<List<RegisteredProjection>> ListAsync(IProjectionTransactions store, CancellationToken cancellationToken) =>
        store.LookAsync(
            "",
            async session =>
            {
                await using var command = session.Command(
                    session.Dialect.Sql["list_projections"], new() { ["building"] = (short)VersionStatus.Building });
                await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                var projections = new List<RegisteredProjection>();
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    projections.Add(new(
                        reader.GetString(0),
                        reader.GetString(1),
                        reader.GetInt32(2),
                        new(session.Dialect.Time(reader, 3), TimeSpan.Zero),
                        reader.IsDBNull(4) ? null : reader.GetInt32(4)));
                }

                return projections;
            },
            cancellationToken);
}
