using System.Globalization;
using Enrichment.Consolidation;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>
/// Compiles a plan to the one statement that consolidates a bucket of a batch, or some of its items in any buckets.
/// </summary>
/// <remarks>
/// Sub-selects, each fenced by <c>offset 0</c> so that no expression is evaluated twice: the documents of an item, parsed once; every
/// source's value; each column's value, the first source that has one; its cast; and the values that could not be cast. From the last, two
/// inserts:
/// the rows and the issues.
/// </remarks>
internal sealed class PostgreSqlProjection(PostgreSqlDialect dialect, ProjectionPlan plan, bool some)
{
    private readonly Dictionary<string, object> values = [];

    // Of an item and of everything that is looked up for it.
    private string Bucket => some ? "i.bucket" : "@bucket";

    public CompiledProjection Compile(string table)
    {
        var columns = plan.Columns.Select((column, index) => new CompiledColumn(dialect, column, index)).ToList();
        var declared = string.Concat(plan.Projection.Columns.Select(column => $", {dialect.Quote(column.Name)}"));
        var cells = string.Concat(columns.Select(column => $", {column.Cell}"));
        var byItem = plan.Projection.Key.Count == 0;
        var statement =
            $"""
            with cells as materialized (
                {Cells(columns)}
            ),
            noted as (
                insert into {dialect.Table("projection_issues")} (bucket, projection, batch, item, "column", reason, value)
                select cells.bucket, @projection, @batch, cells.item, issue.name, issue.reason, issue.value
                  from (select * from cells where {string.Join(" or ", columns.Select(Suspicion))} offset 0) as cells
                 cross join lateral (values {string.Join(", ", columns.Select(Issue))}) as issue (name, reason, value)
                 where issue.value is not null
            )
            insert into {dialect.Table(table)} as t (bucket, client, batch, item{declared})
            select {(byItem ? "bucket" : "key_bucket")}, @client, @batch, item{cells}
              from {(byItem ? "cells" : Youngest(columns))}
            {dialect.OnConflict(plan.Projection)}
            """;
        return new([statement], values);
    }

    private static string Name(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}");

    private string Cells(List<CompiledColumn> columns) =>
        $"""
            select bucket, item{List(columns, column => column.Cell)}{List(columns, column => $"{column.Problem} as {column.Bad}")}{Key(
                columns)}
              from (select bucket, item{List(columns, column => column.Value)}{List(columns, column => $"{column.Cast} as {column.Cell}")}
                      from (select bucket, item{List(columns, column => $"{column.Chosen} as {column.Value}")}
                              from (select bucket, item{List(columns, Sources)}
                                      from ({Documents()} offset 0) as documents offset 0) as sources offset 0) as chosen offset 0) as typed
            """;

    private static string List(List<CompiledColumn> columns, Func<CompiledColumn, string> part) =>
        string.Concat(columns.Select(part).Where(text => text.Length > 0).Select(text => $", {text}"));

    // A result is reached through the state's reference, never by itself. Each row is looked up by its whole key, fenced by "offset 0": of
    // a batch that was just launched the planner knows nothing, and its joins would then compare every item with every other.
    private string Documents()
    {
        var stages = string.Concat(plan.Stages.Select(stage => $", r{stage}.data as json{stage}, r{stage}.data::jsonb as jsonb{stage}"));
        var joins = string.Concat(plan.Stages.Select(stage =>
            $"""

              left join lateral (select w.result_attempt from {dialect.Table("workflow_states")} w
                                  where w.bucket = {Bucket} and w.batch = @batch and w.stage = {stage} and w.item = i.item and w.status = 3 offset 0) s{stage} on true
              left join lateral (select e.data from {dialect.Table("enrichment_results")} e
                                  where e.bucket = {Bucket} and e.batch = @batch and e.stage = {stage} and e.item = i.item and e.attempt = s{stage}.result_attempt offset 0) r{stage} on true
            """));
        return
            $"""
            select {Bucket} as bucket, i.item, u.raw as json0, u.raw::jsonb as jsonb0{stages}
              from {(some ? "unnest(@buckets, @items) i (bucket, item)" : $"{dialect.Table("batch_items")} i")}
             cross join lateral (select w.raw from {dialect.Table(
                "upload_rows")} w where w.bucket = {Bucket} and w.upload = @upload and w.row = i.item offset 0) u{joins}{(
                some ? "" : " where i.bucket = @bucket and i.batch = @batch")}
            """;
    }

    private string Sources(CompiledColumn column) => string.Join(", ", column.Column.Sources.Select((source, index) =>
        $"coalesce({string.Join(", ", source.Reads.Select(read => column.Read(read, Parameter(read))))}) as {column.Source(index)}"));

    private string Parameter(PlannedRead read)
    {
        var name = Name("p", values.Count);
        values.Add(name, read switch
        {
            StageRead { Pointer: var pointer } => pointer.Segments.ToArray(),
            CellRead { Position: var position } => position,
            _ => throw new InvalidOperationException($"{read} is no known read."),
        });
        return "@" + name;
    }

    private string Issue(CompiledColumn column)
    {
        var name = Name("p", values.Count);
        values.Add(name, column.Column.Column.Name);
        if (!plan.Projection.Key.Contains(column.Column.Column.Name))
        {
            return $"(@{name}, 'cast', cells.{column.Bad})";
        }

        var bad = $"cells.{column.Bad}";
        var first = plan.Projection.Key[0] == column.Column.Column.Name;
        return $"(@{name}, case when {bad} is not null then 'cast' when cells.{column.Cell} is null then 'no_key' else 'long_key' end, "
            + $"case when cells.{column.Cell} is null then coalesce({bad}, '') {(first ? $"when octet_length(cells.key) > 1000 then left(cells.{column.Cell}::text, 200) " : "")}end)";
    }

    // Nearly every item is without an issue: one look tells, before its columns are gone through.
    private string Suspicion(CompiledColumn column) => plan.Projection.Key.Contains(column.Column.Column.Name)
        ? $"{column.Bad} is not null or {column.Cell} is null or octet_length(key) > 1000"
        : $"{column.Bad} is not null";

    // One text of the whole key: null if a part is, the same in every store, as its hash is the bucket.
    private string Key(List<CompiledColumn> columns) =>
        plan.Projection.Key.Count == 0
            ? ""
            : ", "
                + string.Join(
                    " || E'\\x1f' || ",
                    plan.Projection.Key.Select(part =>
                    {
                        var column = columns.Single(column => column.Column.Column.Name == part);
                        return column.Type == ColumnType.Date ? $"to_char({column.Cell}, 'YYYY-MM-DD')" : $"{column.Cell}::text";
                    }))
                + " as key";

    // A statement may meet a key once only.
    private string Youngest(List<CompiledColumn> columns)
    {
        var parts = string.Join(", ", plan.Projection.Key.Select(part => columns.Single(column => column.Column.Column.Name == part).Cell));
        return $"(select distinct on ({parts}) {dialect.Function("key_bucket")}(key) as key_bucket, cells.* from cells where octet_length(key) <= 1000 order by {parts}, item desc) as youngest";
    }
}
