using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Enrichment.Hosting;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What an endpoint returns of the engine reads well: words for numbers, no inner keys, JSON as JSON, rows and columns.</summary>
public sealed class JsonShapeTests
{
    private static readonly string[] InnerKeys = ["key", "bucket", "snapshot", "toAdvance"];

    [Fact]
    public void Every_type_that_the_engine_returns_says_enums_in_words_and_no_inner_key()
    {
        var faults = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<Type>();
        foreach (
            var method in new[] { typeof(EnrichmentClient), typeof(EnrichmentEngine) }.SelectMany(type =>
                type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)))
        {
            Walk(method.ReturnType);
        }

        Assert.Empty(faults);
        Assert.Contains(typeof(ItemState), seen);
        Assert.Contains(typeof(BatchProgress), seen);

        void Walk(Type type)
        {
            foreach (var argument in type.GenericTypeArguments)
            {
                Walk(argument);
            }

            if (type.Assembly != typeof(EnrichmentEngine).Assembly
                || type.IsEnum
                || !type.IsPublic
                || type == typeof(EnrichmentClient)
                || type == typeof(IEnrichmentStore)
                || !seen.Add(type))
            {
                return;
            }

            foreach (var property in type.GetProperties().Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>() is null))
            {
                var plain = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                if (plain.IsEnum
                    && property.GetCustomAttribute<JsonConverterAttribute>() is null
                    && plain.GetCustomAttribute<JsonConverterAttribute>() is null)
                {
                    faults.Add($"{type.Name}.{property.Name} is a number");
                }

                if (InnerKeys.Contains(JsonNamingPolicy.CamelCase.ConvertName(property.Name)))
                {
                    faults.Add($"{type.Name}.{property.Name} is an inner key");
                }

                Walk(property.PropertyType);
            }
        }
    }

    [Fact]
    public async Task Progress_states_results_and_events_are_words_and_JSON()
    {
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.scripted",
                    s =>
                        s.Options(
                            ScriptedStep.Script(context =>
                                context.Record.Text("company.name") == "Globex"
                                    ? context.Named()
                                    : StepOutcome.Failed("no", ErrorClass.InvalidOutput)))),
            ["Globex", "Initech"]);
        var batch = await bench.RunAsync();

        var progress = await JsonAsync(await bench.Client.GetProgressAsync(batch.Id));
        Assert.Equal("completed_with_failures", progress.GetProperty("batch").GetProperty("status").GetString());
        Assert.False(progress.GetProperty("batch").TryGetProperty("snapshot", out _));
        var states = await JsonAsync(bench.Client.ReadStatesAsync(batch.Id));
        Assert.Equal(["completed", "failed"], states.EnumerateArray().Select(state => state.GetProperty("status").GetString()));
        Assert.Equal("invalid_output", states[1].GetProperty("errorClass").GetString());
        var result = (await JsonAsync(bench.Client.ReadResultsAsync(batch.Id)))[0];
        Assert.Equal(("completed", JsonValueKind.Object), (result.GetProperty("kind").GetString(), result.GetProperty("data").ValueKind));
        var upload = await JsonAsync(bench.Upload);
        Assert.Equal(JsonValueKind.Object, upload.GetProperty("report").ValueKind);
        Assert.Matches("^[0-9a-f]{64}$", upload.GetProperty("sha256").GetString());
        Assert.All(
            (await JsonAsync(await bench.Client.ListEventsAsync(batch.Id))).EnumerateArray(),
            e => Assert.NotEqual(JsonValueKind.String, e.GetProperty("detail").ValueKind));
    }

    [Fact]
    public async Task Records_are_columns_fields_and_rows_and_no_serializer_drops_the_rows_in_silence()
    {
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named()))),
            ["Globex", "Initech"]);
        var batch = await bench.RunAsync();
        var records = await bench.Client.ReadRecordsAsync(batch.Id);

        var json = await JsonAsync(records);

        Assert.Equal(["Company Name", "Website"], json.GetProperty("columns").EnumerateArray().Select(column => column.GetString()));
        Assert.Equal(["Globex", "Initech"], json.GetProperty("rows").EnumerateArray().Select(row => row[0].GetString()));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(records));
    }

    /// <summary>As ASP.NET Core writes what an endpoint returns.</summary>
    private static async Task<JsonElement> JsonAsync<T>(T value)
    {
        using var stream = new MemoryStream();
        await JsonSerializer.SerializeAsync(stream, value, JsonSerializerOptions.Web);
        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }
}
