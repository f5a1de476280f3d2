namespace Enrichment.Storage;

/// <summary>The store itself: its schema, its clients, its invariants, and how many workers it admits.</summary>
internal interface IStoreAdministration
{
    /// <summary>Brings the schema up to date. Several hosts may race; one migrates, the others wait.</summary>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Whether there is a schema, of any version. Makes nothing.</summary>
    Task<bool> HasSchemaAsync(CancellationToken cancellationToken);

    /// <summary>Whether the schema is the one that this version needs. Changes nothing.</summary>
    /// <exception cref="EnrichmentException">
    /// It cannot be, and <see cref="MigrateAsync"/> would say the same: it was migrated by a newer version, or a migration's text has
    /// changed since it ran.
    /// </exception>
    Task<SchemaState> CheckSchemaAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The SQL that <see cref="MigrateAsync"/> would run on an empty database, for administrators that apply it themselves.
    /// </summary>
    string MigrationScript();

    /// <summary>
    /// Waits until another worker may run, and holds that right until disposed. Stores for many workers grant it at once.
    /// </summary>
    /// <param name="waiting">Called once, with the reason, if another worker, of this process or another, has the right now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IAsyncDisposable> AcquireWorkerAsync(Action<string> waiting, CancellationToken cancellationToken);

    /// <summary>
    /// True if <see cref="AcquireWorkerAsync"/> lets one worker run at a time: every lease that a starting worker finds is lost.
    /// </summary>
    bool AdmitsOneWorker { get; }

    /// <summary>The slugs of all clients, in order.</summary>
    Task<IReadOnlyList<string>> ReadClientsAsync(CancellationToken cancellationToken);

    /// <summary>Checks every invariant that rows can show. Reads everything: not for the hot path.</summary>
    Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken);
}
