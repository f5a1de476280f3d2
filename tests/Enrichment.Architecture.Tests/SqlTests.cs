using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Enrichment.PostgreSql;
using Enrichment.Sqlite;
using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Architecture.Tests;

/// <summary>The SQL of both stores, and what they share. The rules themselves are in <see cref="SqlRules"/>.</summary>
public sealed partial class SqlTests
{
    private const string Shared = "Enrichment";

    private static readonly string[] Stores = ["Enrichment.PostgreSql", "Enrichment.Sqlite"];

    // Files whose statements may read hot tables without the bucket; none is on the path of a worker.
    private static readonly Dictionary<string, string> ReadAcrossBuckets = new()
    {
        ["*Sql/doctor_*.sql"] = "the doctor reads everything, on demand",
        ["Objects/item_states.sql"] = OfItsReader,
        ["Objects/limit_states.sql"] = OfItsReader,
    };

    private const string OfItsReader = "a view leaves the bucket to the query that reads it";

    private const string NoPartitions = "SQLite has no partitions";

    private const string NoDependents = "in SQLite nothing depends on a view, and nothing is granted on it";

    private const string OneWriter = "SQLite has one writer at a time";

    // Operations that one dialect alone needs.
    private static readonly Dictionary<string, string> OfOneStore = new()
    {
        ["Sql/analyze.sql"] =
            "SQLite's statements fix their plans by their form; counts taken while its tables were small would only mislead it",
        ["Sql/doctor_1_row_security.sql"] = "SQLite has neither roles nor policies",
        ["Sql/add_months.sql"] = NoPartitions,
        ["Sql/drop_month.sql"] = NoPartitions,
        ["Sql/find_months_to_drop.sql"] = NoPartitions,
        ["Sql/lock_requests.sql"] = OneWriter,
        ["Sql/lock_batch.sql"] = OneWriter,
        ["Sql/lock_deliveries.sql"] = OneWriter,
        ["Sql/prune_deliveries.sql"] = OneWriter,
        ["Sql/lock_states.sql"] = OneWriter,
        ["Sql/lock_open.sql"] = OneWriter,
        ["Sql/lock_range.sql"] = OneWriter,
        ["Sql/lock_limit.sql"] = OneWriter,
        ["Sql/find_dependents.sql"] = NoDependents,
        ["Sql/read_view_columns.sql"] = NoDependents,
        ["Sql/read_view_grants.sql"] = NoDependents,
        ["Sql/Parts/worker_lock.sql"] = OneWriter,
        ["Sql/end_stalled.sql"] = OneWriter,
        ["Sql/date_range.sql"] = OneWriter,
        ["Sql/find_put_off.sql"] = OneWriter,
    };

    // What hosts run again and again.
    private static readonly string[] HotPaths =
    [
        "find_due",
        "find_candidates",
        "claim",
        "read_items",
        "begin_attempts",
        "begin_sending",
        "commit",
        "settle",
        "advance",
        "release",
        "renew",
        "receive",
        "take_deliveries",
        "find_due_timers",
        "take_due_timers",
        "lease_permits",
        "request_entities",
        "await_entities",
        "complete_waiters",
        "resolve",
    ];

    private static IEnumerable<SqlFile> Files => Stores.Prepend(Shared).SelectMany(SqlFile.Of);

    // An update of a column that any index names, also in its condition, costs PostgreSQL an entry in each of them.
    [Fact]
    public void No_index_of_the_states_names_what_every_outcome_changes() => Faults.AssertNone(
    [
        .. from file in Files
           from sql in file.Statements
           where sql.StartsWith("create index", StringComparison.Ordinal) && sql.Contains(".workflow_states ", StringComparison.Ordinal)
           from column in (string[])["status", "tries", "attempt", "error", "updated_at", "advanced_at"]
           where sql.Contains(column, StringComparison.Ordinal)
           select $"{file}: {sql} names {column}",
    ]);

    [Fact]
    public void Both_stores_hold_the_same_operations()
    {
        var names = Stores
            .Select(store =>
                SqlFile
                    .Of(store)
                    .Where(file => !file.IsMigration && !file.IsObject && !OfOneStore.ContainsKey(file.Name))
                    .Select(file => file.Name)
                    .ToHashSet())
            .ToArray();

        Faults.AssertNone(
        [
            .. names[0].Except(names[1]).Select(name => $"{Stores[1]} lacks {name}"),
            .. names[1].Except(names[0]).Select(name => $"{Stores[0]} lacks {name}"),
        ]);
    }

    // Plans cannot move unseen: what is sent to the server is approved, parts put in.
    [Theory]
    [InlineData("Enrichment.PostgreSql")]
    [InlineData("Enrichment.Sqlite")]
    public void The_statements_of_the_hot_paths_are_as_approved(string store)
    {
        var sql = new SqlFiles(Package.Named(store).Assembly, $"{store}.Sql.", "enrichment");

        Snapshot.Match(
            string.Join("\n\n", HotPaths.Where(sql.Names.Contains).Select(operation => $"-- {operation}\n{sql[operation].Trim()}")) + "\n",
            store);
    }

    [Fact]
    public void No_operation_names_a_state_by_its_number() =>
        Faults.AssertNone(
            FaultsOf(Files.Select(file => file with { Text = File.ReadAllText(file.Path) }), SqlRules.BareNumbers));

    [Fact]
    public void Migrations_hold_tables_and_indexes_alone() => Faults.AssertNone(
        from file in Files
        where file.IsMigration
        from sql in file.Statements
        where !TableStatement().IsMatch(sql)
        select $"{file}: '{sql[..Math.Min(sql.Length, 60)]}…': a view or function belongs into Objects/, where it may change");

    // A second engine began with such functions: hosts have the rules of outcomes, in one text.
    [Fact]
    public void The_functions_of_external_workers_have_less_than_a_hundred_lines_together()
    {
        string[] functions = ["fetch_tasks", "complete_tasks", "skip_tasks", "fail_tasks", "defer_tasks", "extend_tasks", "report_tasks"];

        var lines = Files
            .Where(file => functions.Any(function => file.Path.EndsWith($"/Objects/{function}.sql", StringComparison.Ordinal)))
            .SelectMany(file => File.ReadLines(file.Path))
            .Where(line => line.Trim() is { Length: > 0 } text && !text.StartsWith("--", StringComparison.Ordinal));

        Assert.InRange(lines.Count(), 50, 99);
    }

    // A host leaves the objects of a newer version alone, so that a change without a higher version would be made and unmade in turn.
    [Theory]
    [InlineData("Enrichment.PostgreSql")]
    [InlineData("Enrichment.Sqlite")]
    public void A_change_of_an_object_raises_the_version_of_them_all(string store)
    {
        using var source = NpgsqlDataSource.Create("Host=nowhere");
        using var sqlite = new SqliteStore(":memory:");
        var known = store == Stores[0] ? new PostgreSqlStore(source).Known : sqlite.Known;
        var texts = known.Objects.Select(made => $"{made.Name} {made.Hash}").Order(StringComparer.Ordinal);
        try
        {
            Snapshot.Match($"version {known.Version}, hash {Migration.HashOf(string.Join('\n', texts))}", store);
        }
        catch (SnapshotMismatchException exception)
        {
            Assert.Fail(
                $"A view or function of {store} has another text: raise ObjectsVersion, then accept the snapshot.\n{exception.Message}");
        }
    }

    [Fact]
    public void Objects_hold_one_view_or_function_each_by_their_name() =>
        Faults.AssertNone(
            from file in Files
            where file.IsObject
            let name = Path.GetFileNameWithoutExtension(file.Name)
            from made in ObjectStatement()
                .Matches(File.ReadAllText(file.Path))
                .Select(match => match.Groups["name"].Value)
                .DefaultIfEmpty("nothing")
            where made != name
            select $"{file} makes {made}");

    [Fact]
    public void Each_check_of_the_doctor_has_its_sentence_and_each_sentence_its_check() => Assert.Equal(
        DoctorSentences.ByCheck.Keys.Order(StringComparer.Ordinal),
        Checks.Select(file => Path.GetFileNameWithoutExtension(file.Name)["doctor_".Length..]).Distinct().Order(StringComparer.Ordinal));

    // A sentence that names another column would fail only once the check finds something.
    [Fact]
    public void The_sentence_of_a_check_names_each_column_that_the_check_returns() => Faults.AssertNone(
        from file in Checks
        let said = DoctorSentences
            .Argument()
            .Matches(DoctorSentences.ByCheck[Path.GetFileNameWithoutExtension(file.Name)["doctor_".Length..]])
            .Select(argument => argument.Groups["column"].Value)
            .ToHashSet()
        let columns = InParentheses().Replace(LastColumns().Match(file.Text).Value, "").Split(',')
        let returned = columns.Select(column => column.Trim().Split(' ', '.')[^1]).ToHashSet()
        where !said.SetEquals(returned)
        select $"{file} returns {string.Join(", ", returned)}; its sentence names {string.Join(", ", said)}");

    private static IEnumerable<SqlFile> Checks =>
        Files.Where(file => FileSystemName.MatchesSimpleExpression("*Sql/doctor_*.sql", file.Name));

    [Fact]
    public void Every_view_of_SQLite_is_one_of_PostgreSQL_too() => Assert.Subset(
        SqlFile.Of(Stores[0]).Where(file => file.IsObject).Select(file => file.Name).ToHashSet(),
        SqlFile.Of(Stores[1]).Where(file => file.IsObject).Select(file => file.Name).ToHashSet());

    [Fact]
    public void Text_that_both_stores_share_has_one_home() =>
        Faults.AssertNone(
            Stores
                .SelectMany(SqlFile.Of)
                .GroupBy(file => string.Join(';', file.Statements))
                .Where(same => same.Count() > 1)
                .Select(same => $"{string.Join(" and ", same)} hold the same statements: they belong into {Shared}/Storage/Sql"));

    [Fact]
    public void Every_file_is_embedded_in_its_store() =>
        Assert.Equal(
            Files.GroupBy(file => file.Store).Select(files => (files.Key, files.Count())),
            Stores
                .Prepend(Shared)
                .Select(store =>
                    (
                        store,
                        Package
                            .Named(store)
                            .Assembly.GetManifestResourceNames()
                            .Count(name => name.EndsWith(".sql", StringComparison.Ordinal))))
                .Where(count => count.Item2 > 0));

    [Fact]
    public void Every_file_begins_with_a_comment_that_says_what_it_is_for() =>
        Faults.AssertNone(
            Files
                .Where(file => !file.Text.StartsWith("-- ", StringComparison.Ordinal))
                .Select(file => $"{file} needs a head comment: intent, locks, index relied on, caller"));

    [Fact]
    public void Every_use_of_a_hot_table_is_held_to_a_bucket() =>
        Faults.AssertNone(
            FaultsOf(
                Files.Where(file => !ReadAcrossBuckets.Keys.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, file.Name))),
                SqlRules.WithoutBucket));

    [Fact]
    public void Keys_of_hot_tables_begin_with_the_bucket() => Faults.AssertNone(FaultsOf(Files, SqlRules.KeysWithoutBucket));

    [Fact]
    public void Nothing_is_used_that_a_pooler_or_a_distributed_server_breaks() => Faults.AssertNone(FaultsOf(Files, SqlRules.Forbidden));

    [Fact]
    public void Nothing_on_PostgreSQL_outlasts_its_transaction() =>
        Faults.AssertNone(FaultsOf(SqlFile.Of(Stores[0]), SqlRules.SessionState));

    [Fact]
    public void The_migrations_of_each_store_create_every_hot_table() =>
        Faults.AssertNone(
            Stores
                .Where(store => SqlFile.Of(store).Any())
                .SelectMany(store =>
                    SqlRules
                        .HotTables.Where(table =>
                            !SqlFile
                                .Of(store)
                                .Where(file => file.IsMigration)
                                .SelectMany(file => file.Statements)
                                .Any(sql =>
                                    sql.StartsWith("create table", StringComparison.Ordinal)
                                    && sql.Split('(')[0].Contains(table, StringComparison.Ordinal)))
                        .Select(table => $"{store} creates no {table}: has it another name? Then the lint must know it.")));

    // What the last select of a check returns: the one that begins its line.
    [GeneratedRegex(@"^select .*?(?=\n  from )", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex LastColumns();

    [GeneratedRegex(@"\((?:[^()]|\([^()]*\))*\)")]
    private static partial Regex InParentheses();

    private static IEnumerable<string> FaultsOf(IEnumerable<SqlFile> files, Func<string, IEnumerable<string>> rule) =>
        files.SelectMany(file => file.Statements.SelectMany(rule).Select(fault => $"{file}: {fault}"));

    [GeneratedRegex(
        @"^(create (unlogged )?table|create (unique )?index|create type|create sequence|alter table|alter type|insert into|update|delete from|drop (table|index|view|function)) ")]
    private static partial Regex TableStatement();

    [GeneratedRegex(
        @"^(?:create (?:or replace )?(?:function|view)|revoke execute on function) \{schema\}\.(?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex ObjectStatement();
}
