using System.Reflection;
using System.Text.RegularExpressions;

namespace Enrichment.Storage;

/// <summary>
/// A view or function of a store's schema, as <c>Objects/item_states.sql</c> has it. It is made again whenever its text has changed.
/// </summary>
/// <param name="Name">The file's name without its extension: the object's own name.</param>
/// <param name="Hash">SHA-256 of the text but for its head comment and the schema's name.</param>
/// <param name="Sql">Its text with the schema's name in place.</param>
internal sealed partial record SchemaObject(string Name, string Hash, string Sql)
{
    /// <summary>Reads the objects of a store, each behind those that its text names.</summary>
    /// <param name="assembly">The store's assembly.</param>
    /// <param name="folder">The resource names' part before the object's name, such as <c>Enrichment.Sqlite.Objects.</c>.</param>
    /// <param name="schema">As in <see cref="SqlFiles"/>.</param>
    /// <param name="complete">Puts in what the files only refer to, before anything else is done with their text; null: nothing.</param>
    public static IReadOnlyList<SchemaObject> Of(Assembly assembly, string folder, string schema, Func<string, string>? complete = null)
    {
        var texts = SqlFiles.In(assembly, folder)
            .ToDictionary(file => file.Key, file => complete?.Invoke(file.Value) ?? file.Value, StringComparer.Ordinal);
        List<SchemaObject> objects = [];
        HashSet<string> seen = [];
        foreach (var name in texts.Keys.Order(StringComparer.Ordinal))
        {
            Add(name);
        }

        return objects;

        void Add(string name)
        {
            if (texts.TryGetValue(name, out var text) && seen.Add(name))
            {
                foreach (var named in Reference().Matches(text).Select(match => match.Groups["name"].Value))
                {
                    Add(named);
                }

                objects.Add(Of(name, text, schema));
            }
        }
    }

    /// <summary>An object by its name and text.</summary>
    public static SchemaObject Of(string name, string text, string schema)
    {
        var numbered = SqlFiles.WithNumbers(text);
        return new(name, Migration.HashOf(SqlFiles.WithoutHead(numbered)), SqlFiles.WithSchema(numbered, schema));
    }

    [GeneratedRegex(@"\{schema\}\.(?<name>\w+)")]
    private static partial Regex Reference();
}

/// <summary>A view or function that a database has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hash">The SHA-256 of the text that it was made of.</param>
/// <param name="Version">The version of the objects with which it was made.</param>
internal readonly record struct MadeObject(string Name, string Hash, int Version);
