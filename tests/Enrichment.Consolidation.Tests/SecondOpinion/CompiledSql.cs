using System.Globalization;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tests.SecondOpinion;

/// <summary>
/// A plan as one statement for PostgreSQL, made without the evaluator: what it finds in the raw rows and results is a second opinion on a
/// typed table.
/// </summary>
internal sealed class CompiledSql(ProjectionPlan plan, int batch, int upload)
{
    private const string Separator = @"E'\x1f'";

    private static readonly Lazy<string> Text = new(() =>
    {
        using var reader = new StreamReader(
            typeof(CompiledSql).Assembly.GetManifestResourceStream($"{typeof(CompiledSql).Namespace}.casts.sql")!);
        return reader.ReadToEnd();
    });

    /// <summary>The functions that the statements call.</summary>
    public static string Functions => Text.Value;

    /// <summary>The rows, each in one text, that the table and the second opinion do not have in common.</summary>
    public string Differences()
    {
        var columns = plan.Columns.Select((column, index) => (column, index)).ToList();
        var names = List(columns, pair => Comparable(pair.column, $"\"{pair.column.Column.Name}\""));
        var cells = List(columns, pair => Comparable(pair.column, $"c{pair.index}"));
        var byItem = plan.Projection.Key.Count == 0;
        var opinion = byItem ? "cells" : Youngest();
        return Between(
            $"select bucket, item{names} from enrichment.\"{plan.Projection.Table}\" where batch = {batch}",
            $"select {(byItem ? "bucket" : "opinion.key_bucket(key)")}, item{cells} from {opinion}");
    }

    /// <summary>The same of the issues of casts.</summary>
    public string DifferentIssues() => Between(
        $"select item, \"column\", source::int, value from enrichment.projection_issues where projection = '{plan.Projection.Name}' and batch = {batch} and reason = 'cast'",
        string.Join(" union all ", plan.Columns.SelectMany((column, index) => column.Sources.Select((source, number) =>
            $"select item, '{column.Column.Name}', {source.Position}, {Shown(index, number)} from cells where {Shown(index, number)} is not null"))));

    /// <summary>The same of the origins of items, without the version: the place that served of each column, then the attempts.</summary>
    public string DifferentOrigins()
    {
        var isKeyed = plan.Projection.Key.Count > 0;
        var served = plan.Columns.Index().Select(column => Byte(
            $"coalesce({string.Concat(column.Item.Sources.Select((_, source) => Name(column.Index, source)).Select(name => $"case when t{name} is not null then p{name} end, "))}0)"));
        var attempts = plan.Stages.Select(stage => Byte($"attempt{stage}"));
        return Between(
            $"select item, substr(encode(row_origin, 'hex'), 3) from enrichment.projection_1_v1{(isKeyed ? "_items" : "")} where batch = {batch}",
            $"select item, {string.Join(" || ", served.Concat(attempts))} from cells{(isKeyed ? " where octet_length(key) <= 1000" : "")}");

        static string Byte(string number) => $"lpad(to_hex({number}), 2, '0')";
    }

    private static string Between(string found, string expected) =>
        $"""
        found as materialized ({found}), expected as materialized ({expected}), different as (
            select 'found' as side, f::text as row from (table found except all table expected) f
            union all
            select 'expected', e::text from (table expected except all table found) e)
        select string_agg(side || ' ' || row, E'\n' order by row) from different
        """;

    /// <summary>The statement's beginning, which both questions share.</summary>
    public string With() =>
        $"""
        with documents as materialized (
            select i.bucket, i.item, u.raw as json0{List(plan.Stages, stage => $"r{stage}.data as json{stage}, coalesce(r{stage}.attempt, 0) as attempt{stage}")}
              from enrichment.batch_items i
              join enrichment.upload_rows u on u.bucket = i.bucket and u.upload = {upload} and u.row = i.item{string.Concat(plan.Stages.Select(Result))}
             where i.batch = {batch}),
        sources as materialized (
            select bucket, item{Attempts()}{EachSource((column, source, name) => $"opinion.cell_present(coalesce({string.Join(", ", source.Reads.Select(Read))})) as s{name}, {Place(column, source)} as p{name}")}
              from documents),
        typed as materialized (
            select bucket, item{Attempts()}{EachSource((column, source, name) => $"s{name}, p{name}, {Cast(column, source, $"s{name}")} as t{name}")}
              from sources),
        chosen as materialized (
            select *{List(Enumerable.Range(0, plan.Columns.Count), index => $"{First(index)} as c{index}")}
              from typed),
        cells as materialized (select *{(plan.Projection.Key.Count == 0 ? "" : $", {Key()} as key")} from chosen),

        """;

    private static string List<T>(IEnumerable<T> parts, Func<T, string> sql) => string.Concat(parts.Select(part => $", {sql(part)}"));

    // json has no equality.
    private static string Comparable(PlannedColumn column, string cell) => column.Column.Type == ColumnType.Json ? $"{cell}::text" : cell;

    private static string Result(short stage) =>
        $"""

          left join enrichment.workflow_states w{stage}
            on w{stage}.bucket = i.bucket and w{stage}.batch = i.batch and w{stage}.stage = {stage} and w{stage}.item = i.item and w{stage}.status = 3
          left join enrichment.enrichment_results r{stage}
            on r{stage}.bucket = i.bucket and r{stage}.batch = i.batch and r{stage}.stage = {stage} and r{stage}.item = i.item and r{stage}.attempt = w{stage}.result_attempt
        """;

    private static string Read(PlannedRead read)
    {
        var place = read switch
        {
            StageRead { Pointer.Segments: [var outer, var inner] } stage =>
                $"coalesce(json{stage.Stage} #> array[{Quoted(outer)}, {Quoted(inner)}], opinion.json_in(json{stage.Stage} -> {Quoted(outer)}) -> {Quoted(inner)})",
            StageRead stage => $"json{stage.Stage} #> array[{string.Join(", ", stage.Pointer.Segments.Select(Quoted))}]::text[]",
            CellRead cell => $"json0 -> {cell.Position}",
            _ => throw new InvalidOperationException($"{read} is no known read."),
        };
        return read is CellRead { Field: not null } ? $"opinion.field_present({place})"
            : read is CellRead or StageRead { PassesBlank: true } ? $"opinion.cell_present({place})" : $"case when json_typeof({place}) <> 'null' then {place} end";
    }

    private static string Place(PlannedColumn column, PlannedSource source)
    {
        var before = column.Sources.TakeWhile(other => other != source).Sum(other => other.Reads.Count);
        return $"case {string.Join(' ', source.Reads.Select((read, index) => $"when {Read(read)} is not null then {before + index + 1}"))} end";
    }

    private string Attempts() => List(plan.Stages, stage => $"attempt{stage}");

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Trimmed(string source) => $"opinion.cell_trimmed({source} #>> '{{}}')";

    private static string Cast(PlannedColumn column, PlannedSource planned, string source) => column.Column.Type switch
    {
        var type when planned.Format?.Name == "dd/MM/yyyy" => $"opinion.cast_{type.Word()}(opinion.day_first({Trimmed(source)}))",
        var type when planned.Format?.Name == "decimal_comma" =>
            $"opinion.cast_{type.Word()}(case when json_typeof({source}) = 'number' then {source} #>> '{{}}' else opinion.comma_decimal({Trimmed(source)}) end)",
        ColumnType.Json => source,
        ColumnType.Text or ColumnType.TextList => $"opinion.cast_{column.Column.Type.Word()}({source}::jsonb)",
        var type => $"opinion.cast_{type.Word()}({Trimmed(source)})",
    };

    private static string Name(int column, int source) => string.Create(CultureInfo.InvariantCulture, $"{column}_{source}");

    private string EachSource(Func<PlannedColumn, PlannedSource, string, string> sql) =>
        string.Concat(plan.Columns.SelectMany((column, index) =>
            column.Sources.Select((source, number) => $", {sql(column, source, Name(index, number))}")));

    private string First(int column) => plan.Columns[column].Sources.Count == 0
        ? $"null::{plan.Columns[column].Column.Type switch { ColumnType.TextList => "text[]", ColumnType.Json => "json", _ => "text" }}"
        : $"coalesce({string.Join(", ", plan.Columns[column].Sources.Select((_, source) => $"t{Name(column, source)}"))})";

    /// <summary>The first characters of a value that is bad, if no source before it had a cell.</summary>
    private string Shown(int column, int source)
    {
        var name = Name(column, source);
        var earlier = string.Concat(Enumerable.Range(0, source).Select(other => $" and t{Name(column, other)} is null"));
        var absent = plan.Columns[column].Column.Type is ColumnType.Text or ColumnType.TextList or ColumnType.Json
            ? ""
            : $" and not opinion.cell_absent({Trimmed($"s{name}")})";
        return $"case when s{name} is not null and t{name} is null{absent}{earlier} then left({Trimmed($"s{name}")}, 200) end";
    }

    private string Key() => string.Join($" || {Separator} || ", plan.Projection.Key.Select(part =>
    {
        var column = Index(part);
        return plan.Columns[column].Column.Type == ColumnType.Date ? $"to_char(c{column}, 'YYYY-MM-DD')" : $"c{column}::text";
    }));

    private string Youngest()
    {
        var parts = string.Join(", ", plan.Projection.Key.Select(part => $"c{Index(part)}"));
        return $"(select distinct on ({parts}) * from cells where octet_length(key) <= 1000 order by {parts}, item desc) youngest";
    }

    private int Index(string column) => plan.Columns.Select(planned => planned.Column.Name).ToList().IndexOf(column);
}
