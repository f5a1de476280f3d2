using System.Globalization;
using Enrichment.Consolidation;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>A column's expressions, from its sources to its cell.</summary>
internal sealed class CompiledColumn(PostgreSqlDialect dialect, PlannedColumn column, int index)
{
    private readonly string number = index.ToString(CultureInfo.InvariantCulture);

    public PlannedColumn Column => column;

    public ColumnType Type => column.Column.Type;

    /// <summary>The names of its value, its cell and its bad value in the sub-selects: numbers, not the user's words.</summary>
    public string Value => $"v{number}";

    public string Cell => $"c{number}";

    public string Bad => $"b{number}";

    /// <summary>The value of the first source that has one, in the form from which the cast reads.</summary>
    public string Chosen =>
        Form switch
        {
            _ when column.Sources.Count == 0 => $"null::{Form}",
            "text" =>
                $"coalesce({string.Join(", ", column.Sources.Select((_, source) => $"{dialect.Function("cell_trimmed")}({Source(source)})"))})",
            _ =>
                $"coalesce({string.Join(", ", column.Sources.Select((_, source) => $"{dialect.Function("cell_present")}({Source(source)})"))})",
        };

    public string Cast => Type == ColumnType.Json ? Value : $"{dialect.Function($"cast_{Type.Word()}")}({Value})";

    /// <summary>The first 200 characters of a value that could not be cast; else null.</summary>
    public string Problem => Form switch
    {
        "json" => "null::text",
        "jsonb" => $"case when {Cell} is null and {Value} is not null then left({Value} #>> '{{}}', 200) end",
        _ => $"case when {Cell} is null and {Value} is not null and not {dialect.Function("cell_absent")}({Value}) then left({Value}, 200) end",
    };

    // Typed cells are read from text. Where text and other JSON must be told apart, jsonb is used; json keeps every stored character.
    private string Form => Type switch
    {
        ColumnType.Json => "json",
        ColumnType.Text or ColumnType.TextList => "jsonb",
        _ => "text",
    };

    public string Source(int source) => string.Create(CultureInfo.InvariantCulture, $"s{number}_{source}");

    /// <summary>
    /// One read: null if there is nothing there, it is JSON's null, or it is a blank cell. A stage's blank text counts: it is an answer.
    /// </summary>
    public string Read(PlannedRead read, string parameter) =>
        (read, Form) switch
        {
            (StageRead { Stage: var stage }, "text") => $"jsonb{stage} #>> {parameter}",
            (StageRead { Stage: var stage }, "jsonb") => $"nullif(jsonb{stage} #> {parameter}, 'null'::jsonb)",
            (StageRead { Stage: var stage }, _) =>
                $"case when json_typeof(json{stage} #> {parameter}) <> 'null' then json{stage} #> {parameter} end",
            (_, "text") => $"{dialect.Function("cell_trimmed")}(jsonb0 ->> {parameter})",
            (_, var form) => $"{dialect.Function("cell_present")}({form}0 -> {parameter})",
        };
}
