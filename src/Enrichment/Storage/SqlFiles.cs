using System.Collections.Frozen;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Enrichment.Storage;

/// <summary>
/// A store's operations: one embedded file each, named as the operation, read once at start-up. Files that are the same in every dialect
/// are in the engine.
/// </summary>
/// <remarks>
/// A rule that several operations share is written once, in <c>Parts/</c>: the line <c>{part:fence}</c> is replaced by the text of
/// <c>Parts/fence.sql</c>, indented alike. <c>{status.completed}</c> is replaced by its number. Besides, the schema's name is the only
/// thing ever put into a statement; everything else is a parameter.
/// </remarks>
internal sealed partial class SqlFiles
{
    private const string Shared = "Enrichment.Storage.Sql.";
    private const string Parts = "Parts.";

    // The enumerations whose numbers columns hold, by the word before the dot.
    private static readonly FrozenDictionary<string, Type> Named = new Dictionary<string, Type>
    {
        ["status"] = typeof(Status),
        ["batch"] = typeof(BatchStatus),
        ["waits"] = typeof(WaitReason),
        ["outcome"] = typeof(StepOutcomeKind),
        ["class"] = typeof(ErrorClass),
        ["delivery"] = typeof(DeliveryState),
        ["drift"] = typeof(DriftStatus),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FrozenDictionary<string, string> files;

    /// <summary>Reads every <c>*.sql</c> resource below a folder of an assembly, and those that all stores share.</summary>
    /// <param name="assembly">The store's assembly.</param>
    /// <param name="folder">The resource names' part before the operation's name, such as <c>Enrichment.Sqlite.Sql.</c>.</param>
    /// <param name="schema">What replaces <c>{schema}</c>, already quoted; with <c>{schema}.</c> replaced by nothing if empty.</param>
    public SqlFiles(Assembly assembly, string folder, string schema)
    {
        var texts = In(typeof(SqlFiles).Assembly, Shared)
            .Concat(In(assembly, folder))
            .ToDictionary(file => file.Key, file => WithoutHead(file.Value), StringComparer.Ordinal);
        files = texts
            .Where(file => !file.Key.StartsWith(Parts, StringComparison.Ordinal))
            .ToFrozenDictionary(
                file => file.Key,
                file => WithSchema(WithNumbers(WithParts(file.Value, part => texts[Parts + part])), schema),
                StringComparer.Ordinal);
    }

    /// <summary>The operations' names, in order.</summary>
    public IEnumerable<string> Names => files.Keys.Order(StringComparer.Ordinal);

    /// <summary>The SQL of an operation.</summary>
    /// <exception cref="ArgumentException">There is no such file: a bug of the store.</exception>
    public string this[string operation] => files.TryGetValue(operation, out var sql)
        ? sql
        : throw new ArgumentException($"No SQL file is embedded for '{operation}'. Known: {string.Join(", ", Names)}.", nameof(operation));

    /// <summary>A text with its parts put in.</summary>
    /// <param name="text">The text.</param>
    /// <param name="read">Gives a part by its name, without its head comment.</param>
    internal static string WithParts(string text, Func<string, string> read) =>
        Part().Replace(text, line =>
        {
            var part = read(line.Groups["name"].Value).TrimEnd('\n').Split('\n');
            return string.Join('\n', part.Select(each => each.Length == 0 ? each : line.Groups["indent"].Value + each));
        });

    /// <summary>A text with numbers in the place of their names.</summary>
    internal static string WithNumbers(string text) =>
        Name().Replace(text, name => Number(Named[name.Groups["of"].Value], name.Groups["name"].Value));

    private static string Number(Type type, string name)
    {
        var value = Enum.Parse(type, name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
        return ((Enum)value).ToString("d");
    }

    /// <summary>The SQL files below a folder of an assembly, as they are, by their names there.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> In(Assembly assembly, string folder) => assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(folder, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
        .Select(name => KeyValuePair.Create(name[folder.Length..^4], Read(assembly, name)));

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    internal static string WithSchema(string text, string schema) => schema.Length == 0
        ? text.Replace("{schema}.", "", StringComparison.Ordinal)
        : text.Replace("{schema}", schema, StringComparison.Ordinal);

    // The head comment is for the reader of the file: it need not cross the wire with every call, and COPY may not follow a comment.
    internal static string WithoutHead(string text)
    {
        var lines = text.Split('\n');
        return string.Join('\n', lines.SkipWhile(line => line.StartsWith("--", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^(?<indent> *)\{part:(?<name>\w+)\}", RegexOptions.Multiline)]
    private static partial Regex Part();

    [GeneratedRegex(@"\{(?<of>status|batch|waits|outcome|class|delivery|drift)\.(?<name>\w+)\}")]
    private static partial Regex Name();
}
