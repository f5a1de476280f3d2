using System.Security.Cryptography;
using System.Text;
using Enrichment.Consolidation.Reading;
using Enrichment.Parquet;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Tests;

/// <content>Exports of queries.</content>
public abstract partial class ConsolidationClaims
{
    // More than a set of rows has, and more than a run of neighbours in one bucket.
    private const int ManyRows = 2_300;

    [Fact]
    public async Task Random_exports_have_the_rows_of_the_pages_of_their_query()
    {
        foreach (var projection in new[] { AskedLeads.ByItem, AskedLeads.ByKey })
        {
            await AskedAsync(projection);
            var all = projection.ColumnNames.ToList();
            for (var seed = 1; seed <= Queries; seed++)
            {
                var random = new Random(seed);
                var query = AskedOrder.Random(random).Of(
                    Ask(projection, random.Next(2) == 0 ? "acme" : "globex").Where(AskedCondition.Random(random).Condition.ToString()));
                string[] columns = [.. all.Where(_ => random.Next(3) > 0).DefaultIfEmpty("n")];
                random.Shuffle(columns);
                var taken = new TakenRows();

                var export = await query.ExportAsync(Stream.Null, new() { Format = taken, Columns = columns });

                var expected = (await query.ReadPageAsync(1_000)).Rows;
                Assert.Equal(columns, taken.Columns.Select(column => column.Name));
                Assert.Equal(
                    expected.Select(row => Line(columns.Select(column => row.Values[all.IndexOf(column)]))), taken.Rows.Select(Line));
                Assert.Equal(expected.Count, export.Rows);
                Assert.All(taken.Rows, row => Assert.All(row.Zip(taken.Columns), cell =>
                    Assert.True(cell.First is null || cell.Second.Type.IsInstanceOfType(cell.First), cell.Second.Name)));
            }
        }
    }

    [Fact]
    public async Task An_export_has_the_rows_of_one_moment()
    {
        await AskedAsync(AskedLeads.ByItem, ManyRows);
        foreach (var query in new[] { Ask(AskedLeads.ByItem), Ask(AskedLeads.ByItem).OrderBy("n") })
        {
            var expected = await AllAsync(query);
            var taken = new TakenRows(row => row == 1 ? ChangeAsync() : Task.CompletedTask);

            await query.ExportAsync(Stream.Null, new() { Format = taken });

            Assert.Equal(expected.Select(row => Line(row.Values)), taken.Rows.Select(Line));
            Assert.NotEqual(expected.Count, (await query.CountAsync()).Rows);
        }

        // Rows of a batch more, and other values in each row that is there.
        Task ChangeAsync() => Task.Run(async () =>
        {
            await ConsolidatedAsync(AskedLeads.ByItem, "acme", 10, 7);
            await ground.RawAsync("update {schema}.projection_1_v1 set row_of = row_of || ' changed', tags = null");
        });
    }

    [Fact]
    public async Task Exports_of_many_rows_carry_the_children_and_the_status_of_each()
    {
        foreach (var projection in new[] { AskedLeads.ByItem, AskedLeads.ByKey })
        {
            await AskedAsync(projection, ManyRows);
            var children = (await ground.ChildrenAsync(projection, "jobs")).ToLookup(child => (child.Batch, child.Item));
            foreach (var query in new[] { Ask(projection), Ask(projection).OrderBy("x", descending: true) })
            {
                var rows = await AllAsync(query);
                var (nested, flat) = (new TakenRows(), new TakenRows());

                await query.ExportAsync(Stream.Null, new() { Format = nested, Columns = ["n"], WithStatus = true, Children = ["jobs"] });
                await query.ExportAsync(Stream.Null, new() { Format = flat, Columns = ["years", "title"], ChildTable = "jobs" });

                Assert.Equal(["n", "enrichment.row", "enrichment.status", "enrichment.error", "jobs"], nested.Columns.Select(column => column.Name));
                Assert.Equal(["title", "years", "began"], nested.Columns[^1].Columns.Select(column => column.Name));
                Assert.Equal(
                    rows.Select(row => Line([row.Values[1], (long)row.Item, "completed", null, .. children[(row.Batch, row.Item)].Select(child => Line(child.Values))])),
                    nested.Rows.Select(row => Line([.. row.Take(4), .. ((IReadOnlyList<IReadOnlyList<object?>>)row[4]!).Select(Line)])));
                Assert.Equal(["batch", "item", "years", "title"], flat.Columns.Select(column => column.Name));
                Assert.Equal(
                    rows.SelectMany(row => children[(row.Batch, row.Item)]).Select(child =>
                        Line([child.Batch.ToString(), (long)child.Item, child.Values[1], child.Values[0]])),
                    flat.Rows.Select(Line));
            }
        }
    }

    [Fact]
    public async Task Rows_of_which_a_few_fill_a_set_are_each_exported_once_in_order()
    {
        const int Rows = 60;
        string Text(int row) => $"{row} " + new string('x', 200_000);
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["Row"], NoMap, [.. Enumerable.Range(1, Rows).Select(row => new[] { Text(row) })]),
            ("vendor.one", []));
        var projection = Projection.Define("wide", p => p.Text("row", s => s.Column("Row")));
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        foreach (var query in new[] { Ask(projection), Ask(projection).OrderBy("row", descending: true) })
        {
            var taken = new TakenRows();

            await query.ExportAsync(Stream.Null, new() { Format = taken });

            var inFile = Enumerable.Range(1, Rows).Select(Text);
            var expected = query.Sort.Length == 0 ? inFile : inFile.OrderDescending(StringComparer.Ordinal);
            Assert.Equal(expected, taken.Rows.Select(row => (string)row[0]!));
        }
    }

    [Fact]
    public async Task The_status_of_a_row_is_that_of_its_item_until_its_batch_is_pruned()
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["Row"], NoMap, [["a"], ["b"], ["c"]]), ("vendor.one", []), ("vendor.two", []));
        await ground.AnswerAsync(batch, 1, last: false, item => item == 2 ? null : "{}", failedStay: true);
        var projection = Projection.Define("standing", p => p.Text("row", s => s.Column("Row")));
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(["a 1 pending ", "b 2 failed no answer", "c 3 pending "], await LinesAsync());

        await ground.Store.CancelAsync(batch.Key, default);
        await ground.Store.CompleteBatchesAsync(default);
        Assert.Equal(["a 1 cancelled ", "b 2 failed no answer", "c 3 cancelled "], await LinesAsync());

        await ground.PruneAsync(batch);
        Assert.Equal(["a 1  ", "b 2  ", "c 3  "], await LinesAsync());

        async Task<IEnumerable<string>> LinesAsync()
        {
            var taken = new TakenRows();
            await Ask(projection).ExportAsync(Stream.Null, new() { Format = taken, WithStatus = true });
            return taken.Rows.Select(row => string.Join(' ', row));
        }
    }

    [Fact]
    public async Task The_record_of_an_export_tells_who_took_what()
    {
        await AskedAsync(AskedLeads.ByItem);
        var query = Ask(AskedLeads.ByItem).Where(Condition.Exists("n")).Where("""{"field":"name","ne":"it's"}""").OrderBy("x", true).OrderBy("n");
        using var csv = new MemoryStream();

        var first = await query.ExportAsync(csv, new() { Columns = ["n", "name"], By = "jane" });
        var second = await Ask(AskedLeads.ByItem).ExportAsync(Stream.Null, new() { Format = new JsonLinesFormat(), ChildTable = "jobs" });

        Assert.Equal(SHA256.HashData(csv.ToArray()), first.Sha256.ToArray());
        Assert.Equal(csv.Length, first.Bytes);
        Assert.Equal(first.Rows + 2, Encoding.UTF8.GetString(csv.ToArray()).Split("\r\n").Length);
        Assert.Equal(
            ("acme", "asked_leads", "asked_leads", 1, null, """{"all":[{"field":"n","exists":true},{"field":"name","ne":"it's"}]}"""),
            (first.Client, first.Projection, first.Table, first.Version, first.Batch, first.Filter?.Replace("\\u0027", "'", StringComparison.Ordinal)));
        Assert.Equal(
            ("x:desc,n", "n,name", ground.AsOf, "csv", "jane"),
            (string.Join(',', first.Sort), string.Join(',', first.Columns), first.AsOf, first.Format, first.By));
        Assert.True(first.EndedAt >= first.BegunAt);
        Assert.Equal(
            ("asked_leads_jobs", null, "", "batch,item,title,years,began", "jsonl", $"{Environment.UserName}@{Environment.MachineName}"),
            (second.Table, second.Filter, string.Join(',', second.Sort), string.Join(',', second.Columns), second.Format, second.By));
        var listed = await ground.Store.ReadExportsAsync("acme", default).ToListAsync();
        Assert.Equal([second.Id, first.Id], listed.Select(export => export.Id));
        Assert.Equivalent(first, listed[1], strict: true);
        Assert.Empty(await ground.Store.ReadExportsAsync("globex", default).ToListAsync());
    }

    [Fact]
    public async Task An_export_that_broke_off_has_a_record_without_an_end_and_one_that_gave_nothing_has_none()
    {
        await AskedAsync(AskedLeads.ByItem);
        var query = Ask(AskedLeads.ByItem);
        using var stop = new CancellationTokenSource();
        using var output = new MemoryStream();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query.ExportAsync(
            output, new() { Format = new TakenRows(row => row == 5 ? stop.CancelAsync() : Task.CompletedTask) }, stop.Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => query.ExportAsync(
            output, new() { Format = new TakenRows(row => row == 5 ? throw new InvalidOperationException() : Task.CompletedTask) }));
        Assert.Equal(0, output.Length);
        Assert.Empty(await ground.Store.ReadExportsAsync("acme", default).ToListAsync());

        await Assert.ThrowsAsync<NotSupportedException>(() => query.ExportAsync(new MemoryStream(new byte[10])));
        Assert.Equal([null], (await ground.Store.ReadExportsAsync("acme", default).ToListAsync()).Select(export => export.EndedAt));
    }

    [Fact]
    public async Task A_format_that_drops_the_rows_leaves_the_store_as_usable_as_before()
    {
        await AskedAsync(AskedLeads.ByItem, ManyRows);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Ask(AskedLeads.ByItem).ExportAsync(Stream.Null, new() { Format = new DroppingFormat() }));

        var rows = await Ask(AskedLeads.ByItem).CountAsync(cap: null);
        Assert.Equal(rows.Rows, (await Ask(AskedLeads.ByItem).ExportAsync(Stream.Null)).Rows);
    }

    [Fact]
    public async Task An_export_that_cannot_be_written_says_why_and_hands_nothing_over()
    {
        await AskedAsync(AskedLeads.ByItem);
        await RefusedAsync(new() { Columns = ["nmae"] }, "The table 'asked_leads' has no column 'nmae'. Did you mean 'name'");
        await RefusedAsync(new() { Columns = ["n", "n"] }, "An export has at least one column, and each once.");
        await RefusedAsync(new() { Columns = [] }, "An export has at least one column, and each once.");
        await RefusedAsync(new() { Children = ["jobs"] }, "A line of CSV has no place for the rows of 'jobs'. Export that table by itself");
        await RefusedAsync(new() { Children = ["job"] }, "has no child table 'job'. Did you mean 'jobs'?");
        await RefusedAsync(new() { ChildTable = "jobs", Columns = ["titel"] }, "The table 'asked_leads_jobs' has no column 'titel'. Did you mean 'title'?");
        await RefusedAsync(new() { ChildTable = "jobs", WithStatus = true }, "have neither a status of their own nor children");
        Assert.Empty(await ground.Store.ReadExportsAsync("acme", default).ToListAsync());

        async Task RefusedAsync(ExportOptions options, string told)
        {
            var refused = await Assert.ThrowsAsync<EnrichmentException>(() => Ask(AskedLeads.ByItem).ExportAsync(Stream.Null, options));
            Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_Parquet_file_that_another_library_reads_has_the_rows_of_the_pages()
    {
        foreach (var projection in new[] { AskedLeads.ByItem, AskedLeads.ByKey })
        {
            await AskedAsync(projection, ManyRows);
            var query = Ask(projection).OrderBy("x");
            var rows = await AllAsync(query);
            await using var file = new ParquetFile();

            var export = await query.ExportAsync(file.Content, new() { Format = new ParquetFormat { NumbersAsText = true } });

            var read = file.Read();
            Assert.Equal(projection.ColumnNames, export.Columns);
            Assert.Equal(rows.Select(row => Line(row.Values)), read.Select(Line));
        }
    }

    private async Task ConsolidatedAsync(Projection projection, string client, int rows, int seed)
    {
        var batch = await AskedLeads.LaunchAsync(ground, client, rows, seed);
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
    }

    private async Task AskedAsync(Projection projection, int rows)
    {
        await ConsolidatedAsync(projection, "globex", 20, 2);
        await ConsolidatedAsync(projection, "acme", rows, 1);
        await ConsolidatedAsync(projection, "acme", 30, 3);
    }

    private static async Task<List<ProjectedRow>> AllAsync(ProjectionQuery query)
    {
        var rows = new List<ProjectedRow>();
        ProjectedPage? page = null;
        do
        {
            page = await query.ReadPageAsync(1_000, page?.Next);
            rows.AddRange(page.Rows);
        }
        while (page.Next is not null);

        return rows;
    }

    private static string Line(IEnumerable<object?> values) => string.Join('|', values.Select(CsvExport.Format));

    /// <summary>Takes one row, disposes of nothing, and fails.</summary>
    private sealed class DroppingFormat : IExportFormat
    {
        public string Name => "dropping";

        public async Task WriteAsync(
            IReadOnlyList<ExportColumn> columns,
            IAsyncEnumerable<IReadOnlyList<object?>> rows,
            Stream output,
            CancellationToken cancellationToken)
        {
            await rows.GetAsyncEnumerator(cancellationToken).MoveNextAsync();
            throw new InvalidOperationException();
        }
    }
}
