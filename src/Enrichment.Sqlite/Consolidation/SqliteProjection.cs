using System.Globalization;
using Enrichment.Consolidation;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>
/// Compiles a plan to the statements that consolidate a bucket of a batch, or some of its items in any buckets: the cells into a
/// temporary table, from it the rows and the issues.
/// </summary>
internal sealed class SqliteProjection(SqliteDialect dialect, ProjectionPlan plan, bool some)
{
    private const string Cells = "temp.enrichment_cells";

    private readonly Dictionary<string, object> values = [];

    // SQLite joins 64 tables at most; each stage takes two, beside items and rows.
    private const int MostJoinedStages = 30;

    private bool Joins => plan.Stages.Count <= MostJoinedStages;

    private bool ByItem => plan.Projection.Key.Count == 0;

    public CompiledProjection Compile(string table)
    {
        var declared = string.Concat(plan.Projection.Columns.Select(column => $", {dialect.Quote(column.Name)}"));
        var cells = string.Concat(plan.Columns.Select((_, index) => $", c{index}"));
        return new(
        [
            $"drop table if exists {Cells}",
            $"create temp table enrichment_cells as {Typed()}",
            $"""
            insert into {dialect.Table(table)} as t (bucket, client, batch, item{declared})
            select {(ByItem ? "bucket" : "key_bucket(key)")}, @client, @batch, item{cells}
              from {Cells}
             where {(ByItem ? "true" : "length(cast(key as blob)) <= 1000")}
             order by item
            {dialect.OnConflict(plan.Projection)}
            """,
            $"""
            insert into projection_issues (bucket, projection, batch, item, "column", reason, value)
            {string.Join("\nunion all\n", plan.Columns.Select(Issue))}
            """,
            $"drop table {Cells}",
        ], values);
    }

    // Materialized, so that no expression is worked out twice.
    private string Typed() =>
        $"""
            with chosen as materialized (
                select i.bucket, i.item{List((column, index) => $"{Chosen(column)} as v{index}")}
                  from {(some ? "json_each(@items) k cross join " : "")}{dialect.Table("batch_items")} i
                  join {dialect.Table("upload_rows")} u on u.bucket = i.bucket and u.upload = @upload and u.row = i.item{Results()}
                 where i.bucket = {(some ? "k.value ->> 0" : "@bucket")} and i.batch = @batch{(some ? " and i.item = k.value ->> 1" : "")}),
            typed as materialized (
                select bucket, item{List((column, index) => $"v{index}, cell_cast({Type(column)}, v{index}) as c{index}")}
                  from chosen)
            select bucket, item{List((_, index) => $"c{index}")}{List(
                (column, index) =>
                    $"case when c{index} is null and v{index} is not null then cell_problem({Type(column)}, v{index}) end as b{index}")}{Key()}
              from typed
            """;

    private static string Type(PlannedColumn column) => ((int)column.Column.Type).ToString(CultureInfo.InvariantCulture);

    private string List(Func<PlannedColumn, int, string> part) =>
        string.Concat(plan.Columns.Select((column, index) => $", {part(column, index)}"));

    // A result is reached through the state's reference, never by itself.
    private string Results() => string.Concat((Joins ? plan.Stages : []).Select(stage =>
        $"""

          left join {dialect.Table("workflow_states")} s{stage}
            on s{stage}.bucket = i.bucket and s{stage}.batch = @batch and s{stage}.stage = {stage} and s{stage}.item = i.item and s{stage}.status = 3
          left join {dialect.Table("enrichment_results")} r{stage}
            on r{stage}.bucket = i.bucket and r{stage}.batch = @batch and r{stage}.stage = {stage} and r{stage}.item = s{stage}.item and r{stage}.attempt = s{stage}.result_attempt
        """));

    private string Result(short stage) => Joins ? $"r{stage}.data" :
        $"""
        (select r.data
           from {dialect.Table("workflow_states")} s
           join {dialect.Table("enrichment_results")} r
             on r.bucket = s.bucket and r.batch = s.batch and r.stage = s.stage and r.item = s.item and r.attempt = s.result_attempt
          where s.bucket = i.bucket and s.batch = @batch and s.stage = {stage} and s.item = i.item and s.status = 3)
        """;

    // Two arguments at least is what SQLite's coalesce takes.
    private string Chosen(PlannedColumn column) =>
        $"coalesce({string.Join(", ", column.Sources.Select(Source))}{(column.Sources.Count == 0 ? "null" : "")}, null)";

    private string Source(PlannedSource source) => $"cell_present(coalesce({string.Join(", ", source.Reads.Select(Read))}, null))";

    private string Read(PlannedRead read) => read switch
    {
        StageRead { Stage: var stage, Pointer: var pointer } => $"cell_pick({Result(stage)}, {Parameter(pointer.Text)})",
        CellRead { Position: var position } => $"cell_raw(u.raw, {Parameter(position)})",
        _ => throw new InvalidOperationException($"{read} is no known read."),
    };

    private string Parameter(object value)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"p{values.Count}");
        values.Add(name, value);
        return "@" + name;
    }

    private string Issue(PlannedColumn column, int index)
    {
        var name = Parameter(column.Column.Name);
        if (!plan.Projection.Key.Contains(column.Column.Name))
        {
            return $"select bucket, @projection, @batch, item, {name}, 'cast', b{index} from {Cells} where b{index} is not null";
        }

        var tooLong = plan.Projection.Key[0] == column.Column.Name ? $" or length(cast(key as blob)) > 1000" : "";
        return $"select bucket, @projection, @batch, item, {name}, case when b{index} is not null then 'cast' when c{index} is null then 'no_key' else 'long_key' end, "
            + $"case when c{index} is null then coalesce(b{index}, '') else substr(c{index}, 1, 200) end from {Cells} where c{index} is null{tooLong}";
    }

    // One text of the whole key: null if a part is, the same in every store, as its hash is the bucket.
    private string Key() => ByItem ? "" : ", " + string.Join(" || char(31) || ", plan.Projection.Key.Select(part =>
        $"c{Enumerable.Range(0, plan.Columns.Count).First(index => plan.Columns[index].Column.Name == part)}")) + " as key";
}
