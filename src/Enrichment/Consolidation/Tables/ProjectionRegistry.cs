using System.Text;

namespace Enrichment.Consolidation.Tables;

/// <summary>What is registered of a projection: its versions, and which of them its view shows.</summary>
/// <param name="number">The number in the names of its tables.</param>
/// <param name="view">The view's name.</param>
/// <param name="versions">Its versions, the oldest first.</param>
internal sealed class ProjectionRegistry(int number, string view, IReadOnlyList<TableVersion> versions)
{
    /// <summary>The name of its view.</summary>
    public string View => view;

    /// <summary>The number in the names of its tables.</summary>
    public int Number => number;

    /// <summary>Its versions, the oldest first.</summary>
    public IReadOnlyList<TableVersion> Versions => versions;

    /// <summary>The version that the view shows.</summary>
    public TableVersion Live => versions.Single(version => version.Status == VersionStatus.Live);

    /// <summary>The version that is built, or that is built and waits for its operator; null if there is none.</summary>
    public TableVersion? Building => versions.FirstOrDefault(version => version.Status == VersionStatus.Building);

    /// <summary>Those that were replaced, and whose tables are kept: the last one that was replaced first.</summary>
    public IReadOnlyList<TableVersion> Kept { get; } =
    [
        .. versions
            .Where(version => version.Status == VersionStatus.Kept)
            .OrderByDescending(version => (version.ChangedAt, version.Version)),
    ];

    /// <summary>The version's number of the next one.</summary>
    public int NextVersion => versions[^1].Version + 1;

    /// <summary>Whether a definition has ever been a version, as this library evaluates it.</summary>
    public TableVersion? Find(byte[] fingerprint) =>
        versions.LastOrDefault(version => version.Fingerprint.AsSpan().SequenceEqual(fingerprint));

    /// <summary>
    /// The definition of a version; null if there is none, or if it is one that this library cannot read: a library of another version need
    /// not read every text.
    /// </summary>
    public Projection? DefinitionOf(int version)
    {
        try
        {
            return versions.SingleOrDefault(known => known.Version == version)?.Projection;
        }
        catch (EnrichmentException)
        {
            return null;
        }
    }

    /// <summary>Reads what is registered; null if nothing is.</summary>
    /// <param name="session">The statements of the transaction.</param>
    /// <param name="proposed">The host's definition, which need not be read again.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<ProjectionRegistry?> ReadAsync(
        ProjectionSession session, Projection? proposed, CancellationToken cancellationToken)
    {
        await using var command = session.Command(session.Dialect.Sql["find_projection"], new() { ["projection"] = session.Name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var (number, view, versions) = (0, "", new List<TableVersion>());
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            (number, view) = (reader.GetInt32(0), reader.GetString(1));
            var text = reader.GetString(3);
            var isProposed = proposed is not null && Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(proposed.Definition.Span);
            versions.Add(new(
                number,
                reader.GetInt32(2),
                isProposed ? proposed : null,
                text,
                (VersionStatus)reader.GetInt16(6),
                reader.GetBoolean(7),
                reader.GetInt32(5))
            {
                Host = proposed,
                Fingerprint = reader.GetFieldValue<byte[]>(4),
                CreatedAt = session.Dialect.Time(reader, 8),
                ChangedAt = session.Dialect.Time(reader, 9),
            });
        }

        return versions.Count == 0 ? null : new(number, view, versions);
    }
}
