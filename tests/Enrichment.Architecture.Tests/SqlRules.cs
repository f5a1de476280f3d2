using System.Text.RegularExpressions;

namespace Enrichment.Architecture.Tests;

/// <summary>
/// What a statement must keep to so that the same schema runs on one server, behind a pooler and on a distributed
/// PostgreSQL: each finds the faults of one statement, in words.
/// </summary>
public static partial class SqlRules
{
    /// <summary>Tables whose rows are spread by the bucket: none can be distributed later if a key or a hot statement forgets it.</summary>
    public static readonly string[] HotTables =
    [
        "upload_rows",
        "batch_items",
        "workflow_states",
        "enrichment_results",
        "attempts",
        "leases",
        "ranges",
        "inbox",
        "external_tasks",
        "state_history",
        "limits",
        "permit_blocks",
        "entities",
        "entity_waiters",
    ];

    private static readonly string AnyHotTable = string.Join('|', HotTables);

    // What may follow a table that has no alias.
    private const string AfterATable =
        @"(?:where|set|on|using|join|inner|left|right|full|cross|natural|order|group|having|limit|for|returning|union|except|intersect|values|default|indexed|not|window)\b";

    /// <summary>
    /// Each use of a hot table is held to buckets (<c>s.bucket = …</c>, <c>in</c>, <c>between</c>) or writes them, or a
    /// distributed server asks every shard. In a join the side that is held stands left: <c>on r.bucket = s.bucket</c> holds r.
    /// </summary>
    public static IEnumerable<string> WithoutBucket(string statement)
    {
        var unbound = Regex
            .Matches(
                statement,
                $@"\b(?:from|join|update|using) (?:only )?(?:[\w{{}}]+\.)?""?(?<table>{AnyHotTable})\b""?(?: (?:as )?(?!{AfterATable})(?<alias>\w+))?")
            .GroupBy(use => use.Groups["alias"] is { Success: true } alias ? alias.Value : use.Groups["table"].Value)
            .Where(uses => uses.Count() > Bindings(statement, uses.Key))
            .Select(uses =>
                $"{uses.First().Groups["table"].Value} is used as {uses.Key} {uses.Count()} times, but held to a bucket {Bindings(statement, uses.Key)} times");
        var unwritten = Regex
            .Matches(
                statement,
                $@"\binsert (?:or \w+ )?into (?:[\w{{}}]+\.)?""?(?<table>{AnyHotTable})\b""?(?>(?: as \w+)?)(?! ?\([^)]*\bbucket\b)")
            .Select(insert => $"an insert into {insert.Groups["table"].Value} does not name the column bucket");
        return unbound.Concat(unwritten);
    }

    private static int Bindings(string statement, string name) =>
        Regex.Count(
            statement,
            $@"(?<![\w.])(?:{name}\.)?bucket (?:=|in\b|between\b)|(?<![\w.])(?:{name}\.)?bucket=|\( ?(?:{name}\.)?bucket,[^()]*\) (?:=|in\b|>|<)|\busing ?\( ?bucket\b");

    /// <summary>Every primary key and unique constraint of a hot table begins with the bucket.</summary>
    public static IEnumerable<string> KeysWithoutBucket(string statement)
    {
        var created = Regex.Match(statement, $@"^create (?:unlogged )?table (?:if not exists )?(?:[\w{{}}]+\.)?""?({AnyHotTable})\b");
        if (created.Success)
        {
            var table = created.Groups[1].Value;
            return KeyOfTable().Matches(statement)
                .Where(key => FirstColumn(key.Groups["columns"].Value) != "bucket")
                .Select(key => $"a key of {table} does not begin with the bucket: {key.Value}");
        }

        var altered = Regex.Match(
            statement,
            $@"^(?:create unique index .*?\bon (?:only )?|alter table (?:only )?(?:if exists )?)(?:[\w{{}}]+\.)?""?({AnyHotTable})\b(?<rest>.*)$");
        return
            altered.Success
            && KeyOfIndex().Match(altered.Value) is { Success: true } index
            && FirstColumn(index.Groups["columns"].Value) != "bucket"
            ? [$"a key of {altered.Groups[1].Value} does not begin with the bucket: {index.Value}"]
            : [];
    }

    /// <summary>What a distributed server refuses, or a pooler in transaction mode makes worthless.</summary>
    public static IEnumerable<string> Forbidden(string statement)
    {
        if (Regex.IsMatch(statement, @"\bskip locked\b") && !Regex.IsMatch(statement, @"\bbucket = [@_]bucket\b"))
        {
            yield return "skip locked: a distributed server refuses it across shards; hold it to one bucket, or claim by compare-and-set on the range's row";
        }

        if (Regex.IsMatch(statement, @"\bpg_(try_)?advisory_lock(_shared)?\b"))
        {
            yield return "a session advisory lock: behind a pooler two sessions hold it at once; use pg_advisory_xact_lock or a lease row";
        }
    }

    /// <summary>
    /// What outlasts a transaction on its connection: behind a pooler the next transaction runs elsewhere, and another client meets it.
    /// </summary>
    public static IEnumerable<string> SessionState(string statement) =>
        Regex
            .Matches(
                statement,
                @"^(?:set (?!local\b|constraints\b)|listen\b|prepare\b|create (?:(?:global|local) )?temp(?:orary)?\b)|\bwith hold\b")
            .Select(use => $"'{use.Value.Trim()}' leaves session state behind; use set local, or a table");

    /// <summary>
    /// A state, an outcome or a class of errors is named, such as <c>{status.completed}</c>: where it is compared, where a case gives it,
    /// where it is inserted. Takes the text as it is in its file, before the numbers are put in.
    /// </summary>
    public static IEnumerable<string> BareNumbers(string statement)
    {
        var spoken = BareComparison().Matches(statement).Concat(BareCase().Matches(statement)).Select(match => match.Value);
        var inserted =
            from insert in Insert().Matches(statement)
            from cell in insert.Groups["columns"].Value.Split(", ").Zip(Cells(statement[(insert.Index + insert.Length)..]))
            where Numbered().IsMatch(cell.First) && BareCell().IsMatch(cell.Second)
            select $"insert of {cell.First} {cell.Second}";
        return spoken.Concat(inserted).Select(found => $"{found}: say the name, such as {{status.completed}}");
    }

    /// <summary>The cells that a text begins with, separated by commas outside of parentheses.</summary>
    private static IEnumerable<string> Cells(string text)
    {
        var (first, depth) = (0, 0);
        for (var i = 0; i < text.Length && depth >= 0; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth < 0 || (depth == 0 && (text[i] == ',' || text[i..].StartsWith(" from ", StringComparison.Ordinal))))
            {
                yield return text[first..i].Trim();
                first = i + 1;
            }
        }

        yield return text[first..].Trim();
    }

    private static string FirstColumn(string columns) => columns.Split(',', ' ')[0].Trim('"', ' ');

    [GeneratedRegex("^(status|was|waits|kind|state|error_class|outcome)$")]
    private static partial Regex Numbered();

    [GeneratedRegex(
        @"\b(status|was|waits|kind|state|error_class) ?(=|<>|>=|<=|>|<|in) ?\(? ?[0-9]|\boutcome ?(=|<>|in) ?\(? ?[1-9]|\b(status|waits|kind|error_class) when [0-9]|\boutcome when [1-9]")]
    private static partial Regex BareComparison();

    [GeneratedRegex(
        @"\b(status|was|waits|kind|state|error_class|outcome) :?= ?(\(select )?case (?:(?!\bend\b).)*?\b(then|else) [0-9]|\bcase (?:(?!\b(case|end)\b).)*\b(then|else) [0-9](?:(?!\b(case|end)\b).)*\bend as (status|was|waits|kind|state|error_class|outcome)\b")]
    private static partial Regex BareCase();

    [GeneratedRegex(@"\binsert into [\w{}.]+(?: as \w+)? \((?<columns>[^)]*)\) (?:select |values ?\()(?:distinct on \([^)]*\) )?")]
    private static partial Regex Insert();

    [GeneratedRegex(@"^[0-9]+$|\b(then|else) [0-9]")]
    private static partial Regex BareCell();

    // Without columns of its own ("id int primary key") a key has no bucket.
    [GeneratedRegex(@"\b(?:primary key|unique)\b(?: nulls not distinct)?(?: ?\( ?(?<columns>[^)]*)\))?")]
    private static partial Regex KeyOfTable();

    [GeneratedRegex(
        @"(?:\bon (?:only )?[\w{}.""]+(?: using \w+)? ?\( ?(?<columns>[^)]*)\)|\b(?:primary key|unique) ?\( ?(?<columns>[^)]*)\))")]
    private static partial Regex KeyOfIndex();
}
