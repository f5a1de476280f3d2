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
        ["upload_rows", "batch_items", "workflow_states", "enrichment_results", "attempts", "leases", "ranges", "state_history"];

    private static readonly string AnyHotTable = string.Join('|', HotTables);

    /// <summary>A statement on a hot table names the bucket, or a distributed server asks every shard.</summary>
    public static IEnumerable<string> WithoutBucket(string statement) =>
        IsDataStatement().IsMatch(statement) && !Regex.IsMatch(statement, @"\bbucket\b")
            ? Regex.Matches(statement, $@"\b(?:from|join|into|update|using)\s+(?:only\s+)?(?:[\w{{}}]+\.)?""?({AnyHotTable})\b")
                .Select(match => $"a statement on {match.Groups[1].Value} does not name the bucket")
                .Distinct()
            : [];

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

        var altered = Regex.Match(statement, $@"^(?:create unique index .*?\bon (?:only )?|alter table (?:only )?(?:if exists )?)(?:[\w{{}}]+\.)?""?({AnyHotTable})\b(?<rest>.*)$");
        return altered.Success && KeyOfIndex().Match(altered.Value) is { Success: true } index && FirstColumn(index.Groups["columns"].Value) != "bucket"
            ? [$"a key of {altered.Groups[1].Value} does not begin with the bucket: {index.Value}"]
            : [];
    }

    /// <summary>What a distributed server refuses, or a pooler in transaction mode makes worthless.</summary>
    public static IEnumerable<string> Forbidden(string statement)
    {
        if (Regex.IsMatch(statement, @"\bskip locked\b"))
        {
            yield return "skip locked: a distributed server refuses it across shards; claim by compare-and-set on the range's row";
        }

        if (Regex.IsMatch(statement, @"\bpg_(try_)?advisory_lock(_shared)?\b"))
        {
            yield return "a session advisory lock: behind a pooler two sessions hold it at once; use pg_advisory_xact_lock or a lease row";
        }
    }

    private static string FirstColumn(string columns) => columns.Split(',', ' ')[0].Trim('"', ' ');

    [GeneratedRegex(@"^(select|insert|update|delete|merge|with|copy|truncate)\b")]
    private static partial Regex IsDataStatement();

    // Without columns of its own ("id int primary key") a key has no bucket.
    [GeneratedRegex(@"\b(?:primary key|unique)\b(?: nulls not distinct)?(?: ?\( ?(?<columns>[^)]*)\))?")]
    private static partial Regex KeyOfTable();

    [GeneratedRegex(@"(?:\bon (?:only )?[\w{}.""]+(?: using \w+)? ?\( ?(?<columns>[^)]*)\)|\b(?:primary key|unique) ?\( ?(?<columns>[^)]*)\))")]
    private static partial Regex KeyOfIndex();
}
