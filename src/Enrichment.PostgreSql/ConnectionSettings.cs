using System.Data.Common;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <summary>
/// Reads a connection string, as Npgsql writes it or as an address. No message repeats a value, because any value may be the password.
/// </summary>
internal static class ConnectionSettings
{
    public const string Expected =
        "Expected something like Host=localhost;Database=leads;Username=me;Password=… or postgresql://me:…@localhost:5432/leads?sslmode=require.";

    /// <exception cref="FormatException">It cannot be read. The message is safe to show; the driver's own message is not kept.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        var settings = ConnectionAddress.IsAddress(text) ? ConnectionAddress.Parse(text) : ParseKeywords(text);
        return string.IsNullOrWhiteSpace(settings.Host)
            ? throw new FormatException("It names no host: add Host=….")
            : settings;
    }

    /// <summary>Sets one keyword.</summary>
    /// <exception cref="FormatException">The driver does not accept the value.</exception>
    public static void Set(NpgsqlConnectionStringBuilder settings, string keyword, object value)
    {
        try
        {
            settings[keyword] = value;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            throw new FormatException($"The value of '{keyword}' is not one that Npgsql accepts.");
        }
    }

    private static NpgsqlConnectionStringBuilder ParseKeywords(string text)
    {
        var words = new DbConnectionStringBuilder();
        try
        {
            words.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            throw new FormatException(
                "It is not a list of keyword=value, separated by semicolons. A value that contains a semicolon or a quote must be quoted: Password='…'.");
        }

        var settings = new NpgsqlConnectionStringBuilder();
        string? before = null;
        foreach (string keyword in words.Keys)
        {
            if (!settings.ContainsKey(keyword))
            {
                throw new FormatException(
                    $"The text {(before is null ? "at its beginning" : $"after the value of '{before}'")} is not a keyword of Npgsql. A value that contains a semicolon must be quoted: Password='…'.");
            }

            Set(settings, keyword, words[keyword]);
            before = keyword;
        }

        return settings;
    }
}
