using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Enrichment.Storage;

/// <summary>One numbered, forward-only change of a store's tables, embedded as <c>0001_name.sql</c>.</summary>
/// <param name="Number">The four digits that its name begins with.</param>
/// <param name="Name">The file's name without its extension.</param>
/// <param name="Checksum">SHA-256 of the text but for the schema's name, by which a change after the fact is found out.</param>
/// <param name="Sql">Its text with the schema's name in place.</param>
internal sealed record Migration(int Number, string Name, string Checksum, string Sql)
{
    private const string Mark = "-- Breaks older hosts";

    /// <summary>Whether a host that does not know it may not work any more. Its file begins with <c>-- Breaks older hosts</c>.</summary>
    public bool Breaks { get; init; }

    /// <summary>Reads the migrations of a store, ascending.</summary>
    /// <param name="assembly">The store's assembly.</param>
    /// <param name="folder">The resource names' part before the migration's name, such as <c>Enrichment.Sqlite.Migrations.</c>.</param>
    /// <param name="schema">As in <see cref="SqlFiles"/>.</param>
    public static IReadOnlyList<Migration> Of(Assembly assembly, string folder, string schema) =>
    [
        .. SqlFiles.In(assembly, folder).OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => Of(file.Key, file.Value, schema)),
    ];

    /// <summary>A migration by its name and text.</summary>
    public static Migration Of(string name, string text, string schema)
    {
        var numbered = SqlFiles.WithNumbers(text);
        var number = int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture);
        return new(number, name, HashOf(numbered), SqlFiles.WithSchema(numbered, schema))
        {
            Breaks = text.StartsWith(Mark, StringComparison.Ordinal),
        };
    }

    internal static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>A migration that a database has had.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Checksum">The SHA-256 of its text.</param>
/// <param name="Breaks">Whether hosts that do not know it may not work with the database.</param>
internal readonly record struct AppliedMigration(int Number, string Checksum, bool Breaks);
