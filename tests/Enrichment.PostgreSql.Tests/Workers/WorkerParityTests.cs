using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.External;
using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>What the functions say again in SQL, verdict, gate and record, is what the engine says.</summary>
public sealed class WorkerParityTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IAsyncLifetime
{
    private NpgsqlDataSource source = null!;

    public async Task InitializeAsync()
    {
        source = NpgsqlDataSource.Create(database.ConnectionString);
        await new PostgreSqlStore(source).MigrateAsync(default);
    }

    public async Task DisposeAsync() => await source.DisposeAsync();

    [Fact]
    public async Task Every_verdict_is_the_engines()
    {
        StepOutcome[] outcomes =
        [
            StepOutcome.Completed("a", "b"),
            StepOutcome.NotFound("nothing"),
            StepOutcome.Skipped("no\tneed"),
            StepOutcome.Retry("503"),
            StepOutcome.Retry("503", TimeSpan.FromSeconds(7)),
            StepOutcome.Retry("503", TimeSpan.FromHours(3)),
            StepOutcome.Retry("503", TimeSpan.Zero),
            StepOutcome.RateLimited("429"),
            StepOutcome.RateLimited("429", TimeSpan.FromSeconds(20.5)),
            StepOutcome.OutOfCredits("402"),
            StepOutcome.Failed(new string('x', 1200)),
            StepOutcome.Failed("401", ErrorClass.Configuration),
            StepOutcome.Failed("no JSON", ErrorClass.InvalidOutput),
            StepOutcome.Unknown("lost\u0085\u2028\u202e\u200b\ufeffé"),
        ];
        RetryPolicy[] policies =
        [
            new() { MaxTries = 1 },
            new() { MaxTries = 4 },
            new()
            {
                MaxTries = 100,
                BaseDelay = TimeSpan.FromSeconds(1.5),
                MaxDelay = TimeSpan.FromDays(1.5),
            },
        ];
        var cases = 0;
        foreach (var effects in Enum.GetValues<Effects>())
        {
            foreach (var policy in policies)
            {
                foreach (var optional in (bool[])[false, true])
                {
                    foreach (var last in (bool[])[false, true])
                    {
                        var stage = new StageSnapshot
                        {
                            Manifest = new()
                            {
                                Slug = "a",
                                Version = "1.0.0",
                                Effects = effects,
                            },
                            Optional = optional,
                            Retry = policy,
                            Timeout = TimeSpan.FromMinutes(1),
                        };
                        var plan = JsonNode.Parse(
                            new PipelineSnapshot
                            {
                                Pipeline = "p",
                                PipelineVersion = "1",
                                Workstream = "w",
                                WorkstreamVersion = "1",
                                Stages = [stage],
                            }.ToJson())!["stages"]![0]!.ToJsonString();
                        var verdict = new OutcomeRules(stage, last, JsonGate.Default);
                        foreach (var outcome in outcomes)
                        {
                            foreach (var tries in (short[])[0, 1, 3, 50])
                            {
                                foreach (var random in (double[])[0, 0.25, 0.999])
                                {
                                    cases++;
                                    var expected = verdict.Of(
                                        new()
                                        {
                                            Item = 1,
                                            Generation = 1,
                                            Attempt = 8,
                                            Tries = tries,
                                            Raw = default,
                                        },
                                        outcome,
                                        random);
                                    var said = await RulesAsync(plan, last, tries, outcome, random);
                                    Assert.Equal(
                                        (
                                            (short)expected.Status,
                                            expected.Tries,
                                            expected.Waits == WaitReason.None ? null : (short?)expected.Waits,
                                            (short?)expected.ErrorClass,
                                            expected.Error,
                                            expected.Advances),
                                        (said.Status, said.Tried, said.Waits, said.Class, said.Error, said.Advances));
                                    Assert.InRange(Math.Abs(said.Delay - expected.Delay.TotalMilliseconds), 0, 2);
                                }
                            }
                        }
                    }
                }
            }
        }

        Assert.Equal(3 * 3 * 4 * outcomes.Length * 12, cases);
    }

    [Fact]
    public async Task The_gate_lets_in_and_refuses_the_same_and_writes_it_byte_for_byte()
    {
        List<string> texts =
        [
            """{"a":"\u0000"}""",
            """{"\u0000":1}""",
            """{"a":["\ud800"]}""",
            """{"a":"\udc00\ud800"}""",
            """{"\ud800x":1}""",
            """{"a":1,"a":1}""",
            """{"a":1,"\u0061":1}""",
            """{"x":[{"é":1,"\u00e9":1}]}""",
            "{\"a\":NaN}",
            "",
            "1 2",
            "[1,]",
            "// no\n1",
            "{\"a\":1",
            "{\"a\":\"b\nc\"}",
            "7",
            "[]",
            "null",
            "{}",
            "\uFEFF{}",
            """  { "b" : [ 1 , true , null , false ] , "a" : { } }  """,
            """{"a":"\u0041\/\"\\\u001f\b\n\r\t\f\ud83d\ude00é"}""",
            "{\"a\":\"\u2028\u007f\u0080\"}",
            """{"a":{"a":1,"b":{"a":1}},"b":[{"a":2},{"a":2}]}""",
            "{\"\":0,\" \":1}",
            $$"""{"a":{{new string('[', 63)}}{{new string(']', 63)}}}""",
            $$"""{"a":{{new string('[', 64)}}{{new string(']', 64)}}}""",
            $$"""{"a":{{new string('[', 5000)}}{{new string(']', 5000)}}}""",
            $$"""{"a":"{{new string('x', (1 << 20) - 8)}}"}""",
            $$"""{"a":"{{new string('x', (1 << 20) - 7)}}"}""",
            $$"""{"a":[{{string.Join(',', Enumerable.Repeat("1e308", 5000))}}]}""",
            "{" + string.Join(',', Enumerable.Range(0, 3000).Select(i => $"\"n{i}\":{i}")) + "}",
        ];
        string[] numbers =
        [
            "1e2",
            "1E-2",
            "1.50",
            "1.50e1",
            "-0",
            "-0.0",
            "0e5",
            "0e-3",
            "5e-1",
            "12.5e-3",
            "0.05e2",
            "0.5e3",
            "1.0e+2",
            "-1e-2",
            "12345678901234567890",
            "9223372036854775807",
            "1e310",
            "1e309",
            "1e308",
            "1e-350",
            "1e-351",
            "1e131071",
            "1e99999999999999999999",
            "0.12345678901234567890123456789012345678901",
            "12345678901234567890123456789012345678901",
            "1234567890123456789012345678901234567890",
            "1E85",
            "-1.5e-85",
            "9007199254740993e292",
            "100000000000000000000000000000000000000000000000E-1",
            "1e00000000000000000005",
            "-0e350",
            "0e351",
            "0." + new string('0', 380) + "1",
            "0." + new string('0', 400) + "1",
            "1" + new string('0', 308),
            "1" + new string('0', 309),
            "100e-1",
            "1e" + new string('9', 200_000),
            "1e-" + new string('9', 200_000),
            "1e" + new string('0', 200_000) + "5",
            "0e" + new string('9', 200_000),
        ];
        texts.AddRange(
            numbers
                .Concat(
                    ((double[])[double.MaxValue, double.MinValue, double.Epsilon, 0.1 + 0.2, 1e21, 1e-7]).Select(number =>
                        number.ToString("R", CultureInfo.InvariantCulture)))
                .Select(number => $$"""{"a":{{number}}}"""));

        foreach (var text in texts)
        {
            var let = JsonGate.Default.TryAccept(Encoding.UTF8.GetBytes(text), out var canonical, out _) && canonical[0] == '{';
            var (written, refusal) = await AcceptAsync(text);
            Assert.True(
                let == (written is not null),
                $"{text[..Math.Min(text.Length, 200)]}: the gate {(let ? "lets it in" : "refuses it")}, the function says {refusal ?? "yes"}");
            Assert.Equal(let, refusal is null);
            Assert.True(
                !let || Encoding.UTF8.GetString(canonical!) == written,
                $"{text[..Math.Min(text.Length, 200)]}: the gate writes {Encoding.UTF8.GetString(canonical ?? [])}, the function {written}");
        }
    }

    [Fact]
    public async Task Records_and_idempotency_keys_are_the_engines()
    {
        var reads = new[] { "company.name", "company.website", "company.domain", "company.size", "company.tags" };
        StepManifest[] steps =
        [
            new()
            {
                Slug = "one",
                Version = "1.0.0",
                Produces = [new("company.domain", "/a~1b/0/~0x"), new("company.size", "/s"), new("company.tags")],
                Effects = Effects.SafeToRepeat,
            },
            new()
            {
                Slug = "two",
                Version = "1.0.0",
                Produces = [new("company.size", "/0"), new("company.website", "/w")],
                Effects = Effects.SafeToRepeat,
            },
            new()
            {
                Slug = "three",
                Version = "1.0.0",
                Reads = reads,
                Effects = Effects.SafeToRepeat,
            },
        ];
        string[] rows =
        [
            """{"Email":"a@b.example","Company Name":"Globex","Company":"second","Website":"globex.example"}""",
            """{"Email":"a@b.example","Company Name":" \u00a0\u2003","Company":"second","Website":""}""",
            """{"Company Name":null,"Company":7,"Website":1.50e2}""",
            """{"Company Name":{"deep":[1,"\u00e9"]},"Website":true}""",
            """{"Company":"only"}""",
            """{"Email":"a@b.example","Company Name":"\u0009","Website":["a",null]}""",
        ];
        string?[] first =
        [
            """{"a/b":[{"~x":"d.example"}],"s":5,"company.tags":["a","b"]}""",
            null,
            """{"a/b":{"0":{"~x":""}},"s":null}""",
            """{"a/b":[],"s":0}""",
            "{}",
            """{"a/b":"text","company.tags":{"k":"\ud83d\ude00"}}""",
        ];
        string?[] second =
        [
            """{"0":9,"w":null}""",
            """{"w":"w.example"}""",
            null,
            """{"0":false,"w":" "}""",
            """{"0":[1]}""",
            """{"w":{}}""",
        ];
        await using var worker = await SqlWorker.StartAsync(
            steps,
            p => p.Step("one").Step("two").Step("three"),
            string.Join('\n', rows) + "\n");
        foreach (var (step, answers) in (IEnumerable<(string, string?[])>)[("one", first), ("two", second)])
        {
            var claimed = await worker.ClaimAsync(step);
            Assert.Equal(
                rows.Length,
                (await worker.SayAsync("complete_work", claimed, [.. claimed.Select(item => answers[item.Item - 1])])).Count);
        }

        var inSql = await worker.ClaimAsync("three");
        Assert.Equal(rows.Length, await worker.CallAsync<int>("release_work($1)", inSql[0].Lease));
        using var plans = new BatchPlans(worker.Engine.Store, worker.Engine.Store, JsonGate.Default, TimeProvider.System);
        var keys = new TokenKeys(worker.Engine.Store, TimeProvider.System);
        var tasks = new ExternalTasks(
            worker.Engine.Store,
            keys,
            plans,
            new StepCatalogue([], steps),
            new(),
            new(),
            new(TimeProvider.System, NullLogger.Instance, new(TimeProvider.System)));
        var (overHttp, _) = await tasks.ClaimAsync(new("three", "test/2"), default);

        Assert.Equal(inSql.Select(item => (item.Item, item.Key)), overHttp!.Items.Select(item => (item.Item, item.IdempotencyKey)));
        foreach (var (sql, http) in inSql.Zip(overHttp.Items))
        {
            var (one, other) = (JsonNode.Parse(sql.Record)!.AsObject(), JsonSerializer.SerializeToNode(http.Record)!.AsObject());
            Assert.Equal(other.Select(field => field.Key), one.Select(field => field.Key));
            Assert.True(JsonNode.DeepEquals(one, other), $"item {sql.Item}: in SQL {sql.Record}, over HTTP {other.ToJsonString()}");
        }


        // A lease's name is the same for both.
        Assert.Equal(
            [1],
            await worker.SayAsync("complete_work", [inSql[0] with { Lease = overHttp.Lease, Attempt = overHttp.Items[0].Attempt }], ["{}"]));
    }

    private async Task<(short Status, short Tried, short? Waits, long Delay, short? Class, string? Error, bool Advances)> RulesAsync(
        string plan,
        bool last,
        short tries,
        StepOutcome outcome,
        double random)
    {
        await using var command = source.CreateCommand(
            "select status, tried, waits, delay_ms, error_class, error, advances from enrichment.work_verdict($1, $2, $3, $4, $5, $6, $7, $8)");
        command.Parameters.Add(new() { Value = plan, NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new() { Value = last });
        command.Parameters.Add(new() { Value = tries });
        command.Parameters.Add(new() { Value = (short)outcome.Kind });
        command.Parameters.Add(new() { Value = (object?)outcome.Reason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(
            new() { Value = outcome.ErrorClass is { } fault ? (short)fault : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Smallint });
        command.Parameters.Add(new() { Value = (object?)outcome.RetryAfter ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval });
        command.Parameters.Add(new() { Value = random });
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return (
            reader.GetInt16(0),
            reader.GetInt16(1),
            await reader.IsDBNullAsync(2) ? null : reader.GetInt16(2),
            reader.GetInt64(3),
            await reader.IsDBNullAsync(4) ? null : reader.GetInt16(4),
            await reader.IsDBNullAsync(5) ? null : reader.GetString(5),
            reader.GetBoolean(6));
    }

    private async Task<(string? Canonical, string? Refusal)> AcceptAsync(string text)
    {
        await using var command = source.CreateCommand("select canonical, refusal from enrichment.accept_result($1)");
        command.Parameters.Add(new() { Value = text });
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return (await reader.IsDBNullAsync(0) ? null : reader.GetString(0), await reader.IsDBNullAsync(1) ? null : reader.GetString(1));
    }
}
