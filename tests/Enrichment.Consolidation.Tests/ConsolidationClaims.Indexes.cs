using System.Globalization;
using System.Text.RegularExpressions;
using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Querying;
using Enrichment.Consolidation.Tables;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Tests;

/// <content>Indexes of typed tables. What they serve is read from the plans of statements, so that no test depends on time.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task An_index_has_the_order_of_a_page_and_begins_at_its_cursor()
    {
        await AskedAsync(AskedLeads.ByKey);
        (string Column, object Value)[] columns =
        [
            ("name", "a"), ("n", 7L), ("flag", true), ("value", new DateOnly(2026, 5, 30)), ("order", DateTimeOffset.UnixEpoch), ("size", 1L),
            .. ground is PostgreSqlGround ? [("x", 2.5m)] : Array.Empty<(string, object)>(),
        ];
        foreach (var (column, value) in columns)
        {
            foreach (var isDescending in new[] { false, true })
            {
                foreach (var cursor in new[] { null, After(false, value), After(true, value), After(false, null), After(true, null) })
                {
                    var plan = await PlanAsync(statement =>
                    {
                        var keys = statement.Order([(column, isDescending)]);
                        return statement.Page(statement.Where([], null, []), keys, cursor);
                    });

                    var about = $"{column} {isDescending} {cursor}\n{string.Join('\n', plan)}";
                    var ways = (cursor, cursor?.Keys[0]) switch
                    {
                        (null, _) => 2,
                        ({ IsBack: false }, null) => 1,
                        ({ IsBack: false }, _) => 3,
                        _ => 2,
                    };
                    var scans = plan.Where(line => Regex.IsMatch(line, "(using|USING INDEX) \"?projection_1_v1_ix")).ToList();
                    Assert.True(ways == scans.Count, about);
                    Assert.False(SortsRows(plan), about);

                    // Client and column; then batch and item, where the column is equal.
                    var bounds = plan.Where(line => line.Contains("client", StringComparison.Ordinal)).ToList();
                    Assert.True(bounds.Count(line => line.Contains("name", StringComparison.Ordinal) || line.Contains(column, StringComparison.Ordinal) || line.Contains("<expr>", StringComparison.Ordinal)) >= ways, about);
                    Assert.True(cursor is null || bounds.Exists(line => Regex.IsMatch(line, "batch, ?item")), about);
                }
            }
        }

        PageCursor After(bool isBack, object? value) => new(isBack, ground.AsOf, 1, 5, [value]);
    }

    [Fact]
    public async Task The_doctor_names_an_index_that_another_program_has_dropped()
    {
        await AskedAsync(AskedLeads.ByKey);
        Assert.Empty(await ground.Store.ExamineAsync(AskedLeads.ByKey, default));
        var index = FormattableString.Invariant($"projection_1_v1_ix{AskedLeads.ByKey.ColumnNames.ToList().IndexOf("name")}");
        await ground.RawAsync($"drop index {{schema}}.{index}");

        var finding = Assert.Single(await ground.Store.ExamineAsync(AskedLeads.ByKey, default));
        Assert.Contains($"the index '{index}' of projection '{AskedLeads.ByKey.Name}' is missing", finding.Detail, StringComparison.Ordinal);

        await ground.Store.RebuildAsync(AskedLeads.ByKey, default);
        Assert.Empty(await ground.Store.ExamineAsync(AskedLeads.ByKey, default));
    }

    [Fact]
    public async Task An_index_finds_what_a_column_is_compared_with_and_serves_no_other_statement()
    {
        await AskedAsync(AskedLeads.ByKey);
        foreach (var (condition, column) in new[]
        {
            (Condition.Eq("name", "a"), 0), (Condition.Lt("name", "b"), 0), (Condition.Ge("n", 7), 1), (Condition.Eq("flag", true), 3),
            (Condition.Le("since", "2026"), 5), (Condition.Ge("since", "2026-02"), 5), (Condition.In("size", "1-50"), 9),
        })
        {
            var plan = await PlanAsync(statement => statement.Count(statement.Where([condition], null, []), isCapped: false), column);
            Assert.True(
                plan.Any(line => line.Contains($"projection_1_v1_ix{column}", StringComparison.Ordinal)), $"{condition}\n{string.Join('\n', plan)}");
        }

        // Rows of one value are in the order of the file already.
        var page = await PlanAsync(statement => statement.Page(statement.Where([Condition.Eq("n", 7)], null, []), [], null), 1);
        Assert.False(SortsRows(page), string.Join('\n', page));

        if (ground is SqliteGround)
        {
            Assert.DoesNotContain(
                await PlanAsync(statement => statement.Count(statement.Where([], null, []), isCapped: false)),
                line => line.Contains("_ix", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_definition_that_asks_for_an_index_is_built_beside_and_has_it_when_it_is_live()
    {
        var before = Indexed(false, 1);
        var batch = await LaunchNumbersAsync();
        await ground.Store.ConsolidateAsync(before, batch.Key, default);
        Assert.Empty(await IndexesAsync());

        var plan = await new ChangePlanning(ground.Store, Indexed(true, 1)).PlanAsync(items: 0, default);
        Assert.Equal(["Column 'n' gets an index."], plan.Change!.Parts.Select(part => part.Sentence));
        Assert.True(plan.Change.IsCompatible);

        await ground.Store.ConsolidateAsync(Indexed(true, 1), batch.Key, default);
        Assert.Equal(["projection_1_v2_ix1"], await IndexesAsync());
        Assert.Equal(
            [3L, 2L, 1L],
            (await Ask(Indexed(true, 1)).OrderBy("n", descending: true).ReadPageAsync()).Rows.Select(row => row.Values[1]));

        // What is changed by an operator has it too, and a version that is dropped has none.
        await Of(Indexed(true, 2)).ApplyAsync(hold: true, default);
        Assert.Equal(["projection_1_v2_ix1", "projection_1_v3_ix1"], await IndexesAsync());
        await Of(Indexed(true, 3)).ApplyAsync(hold: false, default);
        await new Filling.VersionSweep(ground.Store).DropAsync("numbered", 2, default);
        Assert.Equal(["projection_1_v4_ix1"], await IndexesAsync());

        static Projection Indexed(bool isIndexed, int factor) => Projection.Define("numbered", p => p
            .Integer("row", s => s.Column("Row"))
            .Is("n", $"row * {factor}", indexed: isIndexed));
    }

    private async Task<Batch> LaunchNumbersAsync()
    {
        var batch = await ground.LaunchAsync(await ground.UploadAsync("acme", ["Row"], [], [["1"], ["2"], ["3"]]), ("vendor.lead", []));
        await ground.AnswerAsync(batch, 1, last: true, _ => "{}");
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.CompleteBatchesAsync(default);
        return batch;
    }

    private async Task<string[]> IndexesAsync() => ((string)(await ground.RawAsync(ground is SqliteGround
        ? "select coalesce(group_concat(name, ' '), '') from (select name from sqlite_master where type = 'index' and name like 'projection_%_ix%' order by name)"
        : "select coalesce(string_agg(indexname, ' ' order by indexname), '') from pg_indexes where indexname like 'projection_%_ix%'"))!)
        .Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // Beside the few rows of the pages themselves, at the end.
    private bool SortsRows(List<string> plan) => ground is SqliteGround
        ? Regex.IsMatch(string.Join('\n', plan), @"CO-ROUTINE (w|t)\n(?!(SCAN \1\n))(.*\n(?!SCAN \1\n))*?USE TEMP B-TREE")
        : plan.Count(line => Regex.IsMatch(line, @"^[\s>-]*(Incremental )?Sort  ")) > 1;

    // The plan for a table that is large: PostgreSQL is kept from scanning a small one, and from another index that is as good then.
    private Task<List<string>> PlanAsync(
        Func<QueryStatement, string> make, int? column = null, bool isSearch = false) => ground.Store.TransactAsync(
        AskedLeads.ByKey.Name,
        async session =>
        {
            var live = (await ProjectionRegistry.ReadAsync(session, AskedLeads.ByKey, default))!.Live;
            var statement = new QueryStatement(session.Dialect, live, "acme", ground.AsOf);
            var sql = make(statement);
            statement.Values["limit"] = 10;
            var isSqlite = ground is SqliteGround;
            await session.ExecuteAsync("savepoint whole", [], default);
            if (!isSqlite)
            {
                string[] kinds = isSearch ? ["seqscan", "indexscan"] : ["seqscan", "bitmapscan", "sort"];
                var others = (await IndexesAsync())
                    .Where(index => isSearch || (column is not null && index != $"projection_1_v1_ix{column}"))
                    .ToList();
                await session.ExecuteAsync(
                    string.Concat([
                        .. kinds.Select(kind => $"set local enable_{kind} = off;"),
                        .. others.Select(index => $"drop index enrichment.{index};"),
                        isSearch ? "alter table enrichment.projection_1_v1 drop constraint projection_1_v1_pkey" : "",
                    ]),
                    [],
                    default);
            }

            await using var command = session.Command($"explain {(isSqlite ? "query plan " : "")}{sql}", statement.Values);
            await using var reader = await command.ExecuteReaderAsync();
            var lines = new List<string>();
            while (await reader.ReadAsync())
            {
                lines.Add(Convert.ToString(reader.GetValue(isSqlite ? 3 : 0), CultureInfo.InvariantCulture)!);
            }

            await reader.DisposeAsync();
            await session.ExecuteAsync("rollback to savepoint whole", [], default);
            return lines;
        },
        default);
}
