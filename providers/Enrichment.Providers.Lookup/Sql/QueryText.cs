using System.Globalization;
using System.Text.RegularExpressions;

namespace Enrichment.Providers.Lookup.Sql;

/// <summary>An operator's query as text: its parameters, its bound, and where in it something is wrong.</summary>
internal static partial class QueryText
{
    private const string Before = "select * from (";

    /// <summary>The names of its parameters, outside literals, quoted names and comments.</summary>
    public static HashSet<string> Parameters(string query) =>
        [.. Parameter().Matches(query).Select(match => match.Groups["name"].Value).Where(name => name.Length > 0)];

    /// <summary>
    /// The query with a limit for the database, so that surplus rows are never sent. The limit is one row more, to detect a surplus.
    /// </summary>
    /// <remarks>So it is a query and nothing else: a statement that writes is not allowed in brackets.</remarks>
    public static string Bounded(string query, int rows) =>
        string.Create(CultureInfo.InvariantCulture, $"{Before}{query.TrimEnd().TrimEnd(';')}\n) as looked_up limit {rows + 1L}");

    /// <summary>
    /// The query with numbered parameters, padded to the length of the named ones: a position in it is a position in what the operator
    /// wrote.
    /// </summary>
    public static string Numbered(string query, IReadOnlyList<string> names) =>
        Parameter()
            .Replace(
                query,
                match =>
                    names
                        .Index()
                        .Where(name => name.Item == match.Groups["name"].Value)
                        .Select(name => $"${name.Index + 1}".PadRight(match.Length))
                        .FirstOrDefault()
                    ?? match.Value);

    /// <summary>Where in the operator's query a position of the bounded one is, said in a clause; empty if it is not in it.</summary>
    /// <param name="query">The operator's query.</param>
    /// <param name="position">From 1; 0 if the database says nothing.</param>
    public static string Place(string query, int position)
    {
        var index = position - 1 - Before.Length;
        if (position < 1 || index < 0 || index >= query.Length)
        {
            return "";
        }

        var before = query[..index];
        var line = before.Count(letter => letter == '\n') + 1;
        var column = index - before.LastIndexOf('\n');
        var rest = query[index..].Split('\n')[0].Trim();
        return string.Create(
            CultureInfo.InvariantCulture,
            $", at line {line}, column {column}, '{(rest.Length > 40 ? rest[..40] + "…" : rest)}'");
    }

    /// <summary>The same for a database that names only the faulty word: its place, if the word occurs once.</summary>
    public static string Place(string query, string message)
    {
        var named = Named().Match(message).Groups["token"].Value;
        var found = Regex.Matches(query, @$"(?<![\w.@]){Regex.Escape(named)}(?!\w)");
        return named.Length > 0 && found.Count == 1 ? Place(query, found[0].Index + 1 + Before.Length) : "";
    }

    [GeneratedRegex(
        @"'(?:[^']|'')*'|""(?:[^""]|"""")*""|--[^\n]*|/\*.*?\*/|\$(?<tag>\w*)\$.*?\$\k<tag>\$|(?<![\w@])@(?<name>[A-Za-z_][A-Za-z0-9_]*)",
        RegexOptions.Singleline)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"near ""(?<token>[^""]+)""|no such \w+: (?<token>\S+)")]
    private static partial Regex Named();
}
