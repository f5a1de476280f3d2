using System.CommandLine;
using System.Text.RegularExpressions;

namespace Enrichment.Cli;

/// <summary>
/// Makes commands that a message names work as they are: the store and the client that the command line gave are repeated in each.
/// </summary>
internal static partial class Hints
{
    // These read neither a store nor a client's data.
    private static readonly string[] Without = ["init", "fields", "steps", "vendor", "pipelines", "workstreams"];

    /// <summary>A message in which every command between quotes can be pasted.</summary>
    public static string In(string message, ParseResult parsed)
    {
        var client = Given(parsed, CommonOptions.Client) ? $" {CommonOptions.Client.Name} {Quoted(parsed.GetValue(CommonOptions.Client)!)}" : "";
        var store = Given(parsed, CommonOptions.Store) ? $" {CommonOptions.Store.Name} {Shown(parsed.GetValue(CommonOptions.Store)!)}" : "";
        return client.Length + store.Length == 0
            ? message
            : Command().Replace(message, named => Without.Contains(named.Groups["name"].Value) || named.Value.Contains("--help", StringComparison.Ordinal)
                ? named.Value
                : $"{named.Value[..^1]}{(named.Value.Contains($"{CommonOptions.Client.Name} ", StringComparison.Ordinal) ? "" : client)}{store}'");
    }

    private static bool Given(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    // The address of a server may hold a password.
    private static string Shown(string address) =>
        address.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase) ? Quoted(address) : CommonOptions.Store.HelpName!;

    /// <summary>
    /// A word of a command between quotes, as a shell takes it: one with blanks or characters that mean something to the shell is within
    /// double quotes, in which a message may have single ones.
    /// </summary>
    public static string Quoted(string word) => Plain().IsMatch(word) ? word : $"\"{Special().Replace(word, @"\$0")}\"";

    [GeneratedRegex(@"'enrich (?<name>[a-z]+)([^'""\n]|""([^""\\\n]|\\[^\n])*"")*'", RegexOptions.NonBacktracking)]
    private static partial Regex Command();

    // What means something to a shell within double quotes.
    [GeneratedRegex(@"[""\\$`]")]
    private static partial Regex Special();

    [GeneratedRegex(@"^[\w./:@+-]+\z")]
    private static partial Regex Plain();
}
