
namespace Enrichment.Cli;

/// <summary>
/// Which store to use: <c>sqlite:PATH</c>, <c>postgres:CONNECTION</c> or a <c>postgres://</c> address. Never shown as a whole: it may hold
/// a password.
/// </summary>
internal sealed record StoreAddress
{
    public const string Variable = "ENRICHMENT_STORE";
    public const string Default = "sqlite:enrichment.db";
    private const string Sqlite = "sqlite:";
    private const string Postgres = "postgres:";
    private const string Forms = "sqlite:PATH, postgres:CONNECTION or postgres://USER:PASSWORD@HOST/DATABASE";
    private static readonly string[] Addresses = ["postgres://", "postgresql://"];
    private static readonly string[] SqliteSettings = ["Data Source=", "DataSource=", "Filename="];
    private readonly string location;

    private StoreAddress(bool isSqlite, string location)
    {
        IsSqlite = isSqlite;
        this.location = location;
    }

    /// <summary>A SQLite database of this process alone.</summary>
    public static StoreAddress InMemory { get; } = new(isSqlite: true, ":memory:");

    public bool IsSqlite { get; }

    /// <summary>A SQLite file that is not there yet.</summary>
    public bool IsMissingFile => File is { } file && !System.IO.File.Exists(file);

    /// <summary>The SQLite file; null for a server or for one in memory.</summary>
    public string? File => IsSqlite && location != ":memory:" ? location : null;

    /// <summary>For people and logs: the file, or the kind of server.</summary>
    public string Name => IsSqlite ? location : "PostgreSQL";

    /// <exception cref="EnrichmentException">It is no address.</exception>
    public static StoreAddress Parse(string? given)
    {
        var variable = Environment.GetEnvironmentVariable(Variable);
        var text = given ?? (string.IsNullOrEmpty(variable) ? Default : variable);
        var option = given is null ? Variable : "--store";
        return Begins(text, Addresses) ? new(false, text)
            : Begins(text, Sqlite) && text.Length > Sqlite.Length ? new(true, PathOf(text[Sqlite.Length..], option))
            : Begins(text, Postgres) && text.Length > Postgres.Length ? new(false, text[Postgres.Length..])
            : throw new EnrichmentException(
                $"The store given with {option} is neither sqlite:PATH nor postgres:CONNECTION.{Meant(text)} Forms: {Forms}.");
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

    // A connection string of SQLite names its file; taken for a path it would make a file of that name.
    private static string PathOf(string location, string option)
    {
        if (Array.Find(SqliteSettings, setting => Begins(location, setting)) is not { } found)
        {
            return location;
        }

        var path = location[found.Length..].TrimEnd(';');
        return path.Length > 0 && !path.Contains(';', StringComparison.Ordinal)
            ? path
            : throw new EnrichmentException(
                $"The store given with {option} is a connection string of SQLite, but only the path of the file can be given here. Write sqlite:PATH.");
    }

    private static string Meant(string text) =>
        Begins(text, SqliteSettings)
        || text.EndsWith(".db", StringComparison.OrdinalIgnoreCase)
        || text.EndsWith(".sqlite", StringComparison.OrdinalIgnoreCase)
            ? " A path needs sqlite: before it."
        : Begins(text, "Host=", "Server=") ? " A connection string of PostgreSQL needs postgres: before it."
        : "";

    private static bool Begins(string text, params string[] starts) =>
        Array.Exists(starts, start => text.StartsWith(start, StringComparison.OrdinalIgnoreCase));
}
