namespace Enrichment.Storage;

/// <summary>
/// What this version knows of a store's schema: migrations make tables and indexes, objects are the views and functions over them.
/// </summary>
/// <param name="Migrations">Ascending.</param>
/// <param name="Objects">Each behind those that it needs.</param>
/// <param name="Version">The version of the objects: the first change of any of them after a release raises it.</param>
internal sealed record StoreSchema(IReadOnlyList<Migration> Migrations, IReadOnlyList<SchemaObject> Objects, int Version)
{
    /// <summary>Refuses a database that this version does not fit.</summary>
    /// <remarks>
    /// Migrations of a newer version add to the schema, so that this one works on beside it, unless one breaks older hosts.
    /// </remarks>
    /// <exception cref="EnrichmentException">A newer version broke this one, or a migration's text has changed since it ran.</exception>
    public void Refuse(IReadOnlyCollection<AppliedMigration> applied)
    {
        foreach (var (number, checksum, breaks) in applied)
        {
            var migration = Migrations.FirstOrDefault(candidate => candidate.Number == number);
            if (migration is null && breaks)
            {
                throw new EnrichmentException(
                    $"The database has migration {number}, which breaks this version: it was migrated by a newer one. Upgrade this host.");
            }

            if (migration is not null && migration.Checksum != checksum)
            {
                throw new EnrichmentException(
                    $"Migration {number} ('{migration.Name}') has changed since it was applied to this database. "
                    + "Before the first release such a database cannot be upgraded: make a new one.");
            }
        }
    }

    /// <summary>The error for a database whose table of migrations has a form that no release gave it.</summary>
    /// <param name="place">The database.</param>
    /// <param name="mend">How a new one is made.</param>
    public static EnrichmentException OfAnEarlierPreview(string place, string mend) =>
        new($"An earlier preview of Enrichment made {place}. This version cannot read or upgrade it; it has to be made anew. {mend}");

    /// <summary>The migrations that a database does not have yet.</summary>
    public IReadOnlyList<Migration> Pending(IReadOnlyCollection<AppliedMigration> applied) =>
        [.. Migrations.Where(migration => applied.All(done => done.Number != migration.Number))];

    /// <summary>The objects that are to be made: none if a newer version made any.</summary>
    /// <param name="made">Those that the database has.</param>
    /// <param name="migrated">Whether migrations were just applied, which may have dropped objects that blocked them: then all.</param>
    public IReadOnlyList<SchemaObject> Outdated(IReadOnlyCollection<MadeObject> made, bool migrated = false) =>
        made.Any(known => known.Version > Version)
            ? []
            : [.. Objects.Where(next => migrated || !made.Any(known => known.Name == next.Name && known.Hash == next.Hash))];

    /// <summary>A database's schema in comparison to this version.</summary>
    /// <exception cref="EnrichmentException">As <see cref="Refuse"/>.</exception>
    public SchemaState StateOf(IReadOnlyCollection<AppliedMigration> applied, IReadOnlyCollection<MadeObject> made)
    {
        Refuse(applied);
        return applied.Count == 0 ? SchemaState.Missing
            : Pending(applied).Count > 0 || Outdated(made).Count > 0 ? SchemaState.Older
            : SchemaState.Current;
    }

    /// <summary>The error for a store's schema that is missing or not up to date.</summary>
    /// <param name="state">Which of the two.</param>
    /// <param name="cause">The driver's "no such table", if there was one.</param>
    public static EnrichmentException Unready(SchemaState state, Exception? cause = null)
    {
        const string migrates = "A host with AddWorker does so at its start unless MigrateAtStart is false.";
        var text = state == SchemaState.Older
            ? $"The store's schema is older than this host: call MigrateAsync or run 'enrich db migrate'. {migrates}"
            : "The store has no schema yet: call MigrateAsync, run 'enrich db migrate', or apply what 'enrich db script' prints. "
              + migrates;
        return cause is null ? new(text) : new(text, cause);
    }
}
