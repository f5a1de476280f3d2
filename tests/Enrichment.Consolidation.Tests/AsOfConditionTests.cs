using System.Data.Common;
using System.Globalization;
using Enrichment.Consolidation.Expressions;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Enrichment.Consolidation.Tests;

/// <summary>What a store answers about a day is what the evaluator says, for every row.</summary>
public sealed class AsOfConditionTests
{
    private static readonly ExpressionSchema Schema = new(
    [
        ("day", ExpressionType.Date), ("started", ExpressionType.PartialDate), ("flag", ExpressionType.Boolean),
    ]);

    private static readonly string?[] Days = [null, "2026-05-29", "2026-05-30", "2026-05-31", "2026-08-31", "2026-11-30", "2026-12-01"];
    private static readonly string?[] Starts = [null, "2026", "2026-05", "2026-05-30", "2026-05-31", "2026-11", "2026-12", "2025"];
    private static readonly bool?[] Flags = [null, true, false];

    private static readonly List<object?[]> Rows =
    [
        .. from day in Days
           from start in Starts
           from flag in Flags
           select new object?[]
           {
               day is null ? null : DateOnly.Parse(day, CultureInfo.InvariantCulture),
               start is null ? null : ExpressionGround.Partial(start),
               flag,
           },
    ];

    [Fact]
    public async Task SQLite_answers_as_the_evaluator_does()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await CompareAsync(connection);
    }

    [Fact]
    public async Task PostgreSQL_answers_as_the_evaluator_does()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await CompareAsync(connection);
    }

    [Fact]
    public void A_condition_on_a_day_is_one_comparison_that_an_index_serves()
    {
        var days = new List<DateOnly>();

        var sql = ComputedExpression
            .Of("c", "day between as_of - 6 months and as_of and flag", Schema)
            .AsOf!
            .ToSql(new(2026, 8, 31), name => (name, name + "_last"), day => Kept(days, day));

        Assert.Equal("(day between @p0 and @p1) and (flag)", sql);
        Assert.Equal([new(2026, 2, 28), new(2026, 8, 31)], days);
    }

    private static string Kept(List<DateOnly> days, DateOnly day)
    {
        days.Add(day);
        return $"@p{days.Count - 1}";
    }

    private static async Task CompareAsync(DbConnection connection)
    {
        await connection.OpenAsync();
        await using (var table = connection.CreateCommand())
        {
            table.CommandText = "create temporary table t (id int, day date, started date, started_last date, flag boolean)";
            await table.ExecuteNonQueryAsync();
        }

        foreach (var (id, row) in Rows.Index())
        {
            await using var insert = connection.CreateCommand();
            insert.CommandText = "insert into t values (@id, @day, @first, @last, @flag)";
            Add(insert, "id", id);
            Add(insert, "day", row[0]);
            Add(insert, "first", (row[1] as PartialDate?)?.First);
            Add(insert, "last", (row[1] as PartialDate?)?.Last);
            Add(insert, "flag", row[2]);
            await insert.ExecuteNonQueryAsync();
        }

        foreach (var expression in Expressions())
        {
            Assert.Equal(Evaluated(expression), await AnsweredAsync(connection, expression));
        }
    }

    private static IEnumerable<string> Expressions()
    {
        string[] columns = ["day", "started"];
        string[] days = ["as_of", "as_of - 6 months", "as_of + 1 days", "as_of - (1 years - 1 months)", "as_of - 9999 years"];
        foreach (var column in columns)
        {
            foreach (var day in days)
            {
                foreach (var sign in new[] { "=", "<>", "<", "<=", ">", ">=" })
                {
                    yield return $"{column} {sign} {day}";
                    yield return $"{day} {sign} {column} and flag";
                    yield return $"not {column} {sign} {day} and not flag";
                }

                yield return $"{column} between as_of - 6 months and {day}";
                yield return $"{column} not between {day} and as_of and day is not null";
                yield return $"flag and {column} >= {day} and started is null";
            }
        }
    }

    private static List<string> Evaluated(string text)
    {
        var expression = ComputedExpression.Of("c", text, Schema);
        return [.. Rows.Select(row => Word(expression.Value(new() { Row = row, AsOf = ExpressionGround.AsOf })))];
    }

    private static async Task<List<string>> AnsweredAsync(DbConnection connection, string text)
    {
        await using var command = connection.CreateCommand();
        var condition = ComputedExpression.Of("c", text, Schema).AsOf!.ToSql(
            ExpressionGround.AsOf,
            name => (name, $"{name}_last"),
            day =>
            {
                var name = $"p{command.Parameters.Count}";
                Add(command, name, day);
                return $"@{name}";
            });
        command.CommandText = $"select {condition} from t order by id";
        await using var reader = await command.ExecuteReaderAsync();
        var words = new List<string>();
        while (await reader.ReadAsync())
        {
            words.Add(Word(reader.IsDBNull(0) ? null : reader.GetBoolean(0)));
        }

        return words;
    }

    private static string Word(object? truth) => truth is null ? "unknown" : truth is true ? "true" : "false";

    private static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
        command.Parameters.Add(parameter);
    }
}
