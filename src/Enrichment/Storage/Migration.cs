using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Enrichment.Storage;

/// <summary>One numbered, forward-only change of a store's schema, embedded as <c>0001_name.sql</c>.</summary>
/// <param name="Number">The four digits that its name begins with.</param>
/// <param name="Name">The file's name without its extension.</param>
/// <param name="Checksum">SHA-256 of the text but for the schema's name, by which a change after the fact is found out.</param>
/// <param name="Sql">Its text with the schema's name in place.</param>
internal sealed record Migration(int Number, string Name, string Checksum, string Sql)
{
    /// <summary>Reads the migrations of a store, ascending.</summary>
    /// <param name="assembly">The store's assembly.</param>
    /// <param name="folder">The resource names' part before the migration's name, such as <c>Enrichment.Sqlite.Migrations.</c>.</param>
    /// <param name="schema">As in <see cref="SqlFiles"/>.</param>
    /// <param name="complete">Puts in what the files only refer to, before anything else is done with their text; null: nothing.</param>
    public static IReadOnlyList<Migration> Of(Assembly assembly, string folder, string schema, Func<string, string>? complete = null) =>
        [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => Read(assembly, name, name[folder.Length..^4], schema, complete))];

    /// <summary>Refuses a database that this version does not fit.</summary>
    /// <param name="done">The checksums of the migrations that the database has had, by number.</param>
    /// <param name="known">The migrations of this version.</param>
    /// <exception cref="EnrichmentException">The schema was migrated by a newer version, or a migration's text has changed since it ran.</exception>
    public static void Refuse(IReadOnlyDictionary<int, string> done, IReadOnlyList<Migration> known)
    {
        foreach (var (number, checksum) in done)
        {
            var migration = known.FirstOrDefault(candidate => candidate.Number == number)
                ?? throw new EnrichmentException($"The database has migration {number}, which this version does not know: it was migrated by a newer one. Upgrade this host.");
            if (migration.Checksum != checksum)
            {
                throw new EnrichmentException(
                    $"Migration {number} ('{migration.Name}') has changed since it was applied to this database. Before the first release such a database has to be made anew.");
            }
        }
    }

    /// <summary>How a database stands to this version.</summary>
    /// <param name="done">The checksums of the migrations that the database has had, by number.</param>
    /// <param name="known">The migrations of this version.</param>
    /// <exception cref="EnrichmentException">As <see cref="Refuse"/>.</exception>
    internal static SchemaState StateOf(IReadOnlyDictionary<int, string> done, IReadOnlyList<Migration> known)
    {
        Refuse(done, known);
        return done.Count == 0 ? SchemaState.Missing : done.Count < known.Count ? SchemaState.Older : SchemaState.Current;
    }

    /// <summary>What is said where a store's schema is not there or not up to date.</summary>
    /// <param name="state">Which of the two.</param>
    /// <param name="cause">The driver's "no such table", if there was one.</param>
    internal static EnrichmentException Unready(SchemaState state, Exception? cause = null)
    {
        const string migrates = $"A host with AddWorker does so at its start unless {nameof(WorkerOptions.MigrateAtStart)} is false.";
        var text = state == SchemaState.Older
            ? $"The store's schema is older than this host: call {nameof(EnrichmentEngine.MigrateAsync)} or run 'enrich db migrate'. {migrates}"
            : $"The store has no schema yet: call {nameof(EnrichmentEngine.MigrateAsync)}, run 'enrich db migrate', or apply what 'enrich db script' prints. {migrates}";
        return cause is null ? new(text) : new(text, cause);
    }

    private static Migration Read(Assembly assembly, string resource, string name, string schema, Func<string, string>? complete)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        var text = reader.ReadToEnd();
        text = complete?.Invoke(text) ?? text;
        return new(
            int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture),
            name,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
            SqlFiles.WithSchema(text, schema));
    }
}
