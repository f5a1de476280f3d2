using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.Storage;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>The SQL of projections on SQLite.</summary>
/// <remarks>
/// Days and instants are ISO 8601 text of fixed width, which sorts by time; lists are JSON; a number is a REAL where 15 digits suffice,
/// which a REAL keeps exactly, else text, so that nothing is lost.
/// </remarks>
internal sealed class SqliteDialect(SqlFiles sql) : ProjectionDialect(sql)
{
    public override string Table(string table) => Quote(table);

    public override string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public override CompiledProjection Compile(ProjectionPlan plan, string table, bool some) =>
        new SqliteProjection(this, plan, some).Compile(table);

    public override object? Read(DbDataReader reader, int ordinal, ColumnType type) =>
        reader.IsDBNull(ordinal)
            ? null
            : type switch
            {
                ColumnType.Text or ColumnType.Json => reader.GetString(ordinal),
                ColumnType.Integer => reader.GetInt64(ordinal),
                ColumnType.Number => reader.GetValue(ordinal) is double number
                    ? (decimal)number
                    : decimal.Parse(reader.GetString(ordinal), CultureInfo.InvariantCulture),
                ColumnType.Boolean => reader.GetInt64(ordinal) != 0,
                ColumnType.Date => DateOnly.ParseExact(reader.GetString(ordinal), SqliteCell.Day, CultureInfo.InvariantCulture),
                ColumnType.Timestamp => DateTimeOffset.ParseExact(
                    reader.GetString(ordinal),
                    SqliteCell.Instant,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal),
                ColumnType.TextList => JsonSerializer.Deserialize<string[]>(reader.GetString(ordinal)),
                _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such type."),
            };

    public override Dictionary<string, object> Items(IReadOnlyList<(short Bucket, int Item)> items) => new()
    {
        ["items"] = JsonRows.Of(items, (cells, item) =>
        {
            cells.WriteNumberValue(item.Bucket);
            cells.WriteNumberValue(item.Item);
        }),
    };

    // Prepared when it first runs: its last statements name a table that the first one makes.
    public override Task PrepareAsync(DbCommand command, CancellationToken cancellationToken) => Task.CompletedTask;

    public override object Id(Guid id) => id.ToString();

    protected override string TypeName(ColumnType type) => type switch
    {
        ColumnType.Integer or ColumnType.Boolean => "integer",
        ColumnType.Number => "",
        _ => "text",
    };
}
