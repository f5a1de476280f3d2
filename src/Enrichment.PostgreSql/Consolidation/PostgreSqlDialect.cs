using System.Data.Common;
using Enrichment.Consolidation;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>The SQL of projections on PostgreSQL.</summary>
internal sealed class PostgreSqlDialect(SqlFiles sql, string schema, Func<NpgsqlCommand, CancellationToken, ValueTask> prepare)
    : ProjectionDialect(sql)
{
    public override string Table(string table) => $"{Quote(schema)}.{Quote(table)}";

    public override string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public override CompiledProjection Compile(ProjectionPlan plan, string table, bool some) =>
        new PostgreSqlProjection(this, plan, some).Compile(table);

    public override Dictionary<string, object> Items(IReadOnlyList<(short Bucket, int Item)> items) =>
        new() { ["buckets"] = items.Select(item => item.Bucket).ToArray(), ["items"] = items.Select(item => item.Item).ToArray() };

    public override Task PrepareAsync(DbCommand command, CancellationToken cancellationToken) =>
        prepare((NpgsqlCommand)command, cancellationToken).AsTask();

    public override object? Read(DbDataReader reader, int ordinal, ColumnType type) => reader.IsDBNull(ordinal) ? null : type switch
    {
        ColumnType.Text or ColumnType.Json => reader.GetString(ordinal),
        ColumnType.Integer => reader.GetInt64(ordinal),
        ColumnType.Number => reader.GetDecimal(ordinal),
        ColumnType.Boolean => reader.GetBoolean(ordinal),
        ColumnType.Date => reader.GetFieldValue<DateOnly>(ordinal),
        ColumnType.Timestamp => new DateTimeOffset(reader.GetDateTime(ordinal), TimeSpan.Zero),
        ColumnType.TextList => reader.GetFieldValue<string[]>(ordinal),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such type."),
    };

    /// <summary>A function of the schema, as SQL names it.</summary>
    public string Function(string function) => $"{Quote(schema)}.{function}";


    protected override string TypeName(ColumnType type) => type switch
    {
        ColumnType.Text => "text",
        ColumnType.Integer => "bigint",
        ColumnType.Number => "numeric",
        ColumnType.Boolean => "boolean",
        ColumnType.Date => "date",
        ColumnType.Timestamp => "timestamptz",
        ColumnType.TextList => "text[]",
        ColumnType.Json => "json",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such type."),
    };
}
