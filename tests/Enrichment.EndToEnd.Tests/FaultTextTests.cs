using Enrichment.Pipelines;

namespace Enrichment.EndToEnd.Tests;

/// <summary>
/// What is kept of a fault holds no secret and, unless the host wants it, no text of an exception, which may quote a person's data.
/// </summary>
public sealed class FaultTextTests
{
    private const string Secret = "hunter2/with+signs";
    private const string Person = "jane-doe";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thrown_exception_leaves_its_type_and_on_request_its_message_without_secrets(bool keep)
    {
        var error = await ErrorAsync(
            context =>
                throw new InvalidOperationException($"{context.Options<ScriptOptions>().ApiKey} for {context.Record.Text("company.name")}"),
            keep);

        Assert.StartsWith("The step threw System.InvalidOperationException", error, StringComparison.Ordinal);
        Assert.Equal(keep, error.Contains($"secret:VENDOR for {Person}", StringComparison.Ordinal));
        Assert.Equal(keep, error.Contains(Person, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reason_that_quotes_a_secret_in_any_form_or_cut_is_kept_with_the_secrets_name()
    {
        Assert.Equal(
            "refused: secret:VENDOR",
            await ErrorAsync(context => StepOutcome.Failed($"refused: {context.Options<ScriptOptions>().ApiKey}")));
        Assert.Equal(
            "refused: secret:VENDOR",
            await ErrorAsync(context => StepOutcome.Failed($"refused: {Uri.EscapeDataString(context.Options<ScriptOptions>().ApiKey!)}")));
        Assert.DoesNotContain(
            "hunter",
            await ErrorAsync(context => StepOutcome.Failed(new string('x', 990) + context.Options<ScriptOptions>().ApiKey)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resolver_that_throws_leaves_its_type_alone()
    {
        var launched = false;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(new { script = "none", apiKey = "secret:VENDOR" })),
            [Person],
            e => e.UseSecrets(_ => launched ? throw new TimeoutException($"vault with {Secret}") : Secret));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        launched = true;
        await bench.Engine.RunUntilDrainedAsync();

        var state = Assert.Single(await bench.StatesAsync(batch));
        Assert.Equal((Status.Failed, ErrorClass.Configuration), (state.Status, state.ErrorClass));
        Assert.Equal(
            "Step 'test.scripted': its secrets cannot be resolved: the host's resolver threw System.TimeoutException.",
            state.Error);
    }

    [Fact]
    public async Task The_guides_resolver_keeps_clients_apart()
    {
        var vault = new Dictionary<string, string>
        {
            ["VENDOR"] = "the host's",
            ["acme/VENDOR"] = "acme's",
            ["globex/VENDOR"] = "globex's",
        };
        var used = "";
        var script = ScriptedStep.ScriptJson(context =>
        {
            used = context.Options<ScriptOptions>().ApiKey!;
            return context.Named();
        }).GetProperty("script").GetString();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(new { script, apiKey = "secret:VENDOR" })),
            [Person],
            e =>
            {
                e.AddClient(ClientDefinition.Create("acme", c => c.Step("test.scripted", new { apiKey = "secret:VENDOR" })));
                e.UseSecrets(secret =>
                    vault.GetValueOrDefault(secret.Layer == SettingsLayer.Client ? $"{secret.Client}/{secret.Name}" : secret.Name));
            });
        await bench.RunAsync();

        Assert.Equal("acme's", used);
    }

    private static async Task<string> ErrorAsync(Func<StepContext, StepOutcome> behaviour, bool keep = false)
    {
        var script = ScriptedStep.ScriptJson(behaviour).GetProperty("script").GetString();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(new { script, apiKey = "secret:VENDOR" })),
            [Person],
            e => e.UseSecrets(_ => Secret).ConfigureWorker(new() { CommitDelay = TimeSpan.Zero, KeepExceptionMessages = keep }));
        var batch = await bench.RunAsync();
        var state = Assert.Single(await bench.StatesAsync(batch));
        Assert.Equal(Status.Failed, state.Status);
        Assert.DoesNotContain(Secret, state.Error, StringComparison.Ordinal);
        return state.Error!;
    }
}
