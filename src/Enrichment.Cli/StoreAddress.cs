using Enrichment.PostgreSql;
using Enrichment.Sqlite;

namespace Enrichment.Cli;

/// <summary>Which store to use: <c>sqlite:PATH</c>, <c>postgres:CONNECTION</c> or <c>postgresql://…</c>. Never shown as a whole: it may hold a password.</summary>
internal sealed record StoreAddress
{
    public const string Variable = "ENRICHMENT_STORE";
    public const string Default = "sqlite:enrichment.db";
    private const string Sqlite = "sqlite:";
    private const string Postgres = "postgres:";
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];
    private readonly string location;

    private StoreAddress(bool isSqlite, string location)
    {
        IsSqlite = isSqlite;
        this.location = location;
    }

    public bool IsSqlite { get; }

    /// <summary>A SQLite file that is not there yet.</summary>
    public bool IsMissingFile => IsSqlite && location != ":memory:" && !File.Exists(location);

    /// <summary>For people and logs: the file, or the kind of server.</summary>
    public string Name => IsSqlite ? location : "PostgreSQL";

    /// <exception cref="EnrichmentException">It is no address.</exception>
    public static StoreAddress Parse(string? given)
    {
        var variable = Environment.GetEnvironmentVariable(Variable);
        var text = given ?? (string.IsNullOrEmpty(variable) ? Default : variable);
        return Array.Exists(Schemes, scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) ? new(false, text)
            : text.StartsWith(Sqlite, StringComparison.OrdinalIgnoreCase) && text.Length > Sqlite.Length ? new(true, text[Sqlite.Length..])
            : text.StartsWith(Postgres, StringComparison.OrdinalIgnoreCase) && text.Length > Postgres.Length ? new(false, text[Postgres.Length..])
            : throw new EnrichmentException(
                $"The store given with {(given is null ? Variable : "--store")} is neither sqlite:PATH nor postgres:CONNECTION. Examples: sqlite:leads.db, \"postgres:Host=localhost;Database=leads;Username=me\", postgresql://me@localhost/leads.");
    }

    public void Use(EnrichmentBuilder builder)
    {
        if (IsSqlite)
        {
            builder.UseSqlite(location);
        }
        else
        {
            builder.UsePostgreSql(location);
        }
    }
}
