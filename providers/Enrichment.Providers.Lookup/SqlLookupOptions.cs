using System.Text.RegularExpressions;
using Enrichment.PostgreSql;
using Enrichment.Providers.Lookup.Sql;

namespace Enrichment.Providers.Lookup;

/// <summary>Settings of a <c>lookup.sql</c>.</summary>
public sealed partial class SqlLookupOptions : LookupOptions
{
    /// <summary>
    /// A connection string of Npgsql or an address such as <c>postgresql://reader:…@db/warehouse</c>, for PostgreSQL. A secret.
    /// </summary>
    [Secret]
    [Fixed]
    public string? Connection { get; init; }

    /// <summary>A SQLite database, for which no <see cref="Connection"/> is set.</summary>
    [Fixed]
    public string? File { get; init; }

    /// <summary>
    /// A query that returns the columns of the key and of the answer. For each column of the key it has a parameter of that name, which
    /// holds the keys of all items at once: on PostgreSQL an array of text (<c>where domain = any(@domain)</c>), on SQLite a JSON array
    /// (<c>where domain in (select value from json_each(@domain))</c>).
    /// </summary>
    [Fixed]
    public required string Query { get; init; }

    /// <summary>
    /// How many rows it may return for one call. Default: 10,000, ten for each of the 1,000 items of a claim. More are a fault, and are not
    /// read.
    /// </summary>
    public int MaxRows { get; init; } = 10_000;

    internal override IEnumerable<string> Problems(StepManifest step)
    {
        if (Connection is null == File is null)
        {
            yield return "connection and file: set one of them, a connection string of PostgreSQL as \"secret:NAME\", or the path of a SQLite database.";
        }

        foreach (var name in Key.Keys.Where(name => !Identifier().IsMatch(name)))
        {
            yield return $"key has the column '{name}', which cannot be the name of a parameter: letters, digits and underscores only. Give it another in the query: select … as name.";
        }

        var parameters = QueryText.Parameters(Query);
        foreach (var name in Key.Keys.Where(name => Identifier().IsMatch(name) && !parameters.Contains(name)))
        {
            yield return $"query has no parameter @{name}, so every call would read all its rows. Compare the column of the key with it.";
        }

        if (MaxRows is < 1 or > 1_000_000)
        {
            yield return $"maxRows is {MaxRows}: expected 1 to 1000000.";
        }

        foreach (var problem in base.Problems(step))
        {
            yield return problem;
        }
    }

    private protected override IEnumerable<(string Member, string Problem)> ValueProblems()
    {
        try
        {
            _ = Connection is null ? null : ConnectionSettings.Parse(Connection);
            return [];
        }
        catch (FormatException exception)
        {
            return [("connection", $"connection cannot be read. {exception.Message} {ConnectionSettings.Expected}")];
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Identifier();
}
