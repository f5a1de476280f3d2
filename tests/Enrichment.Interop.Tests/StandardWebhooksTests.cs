using System.Text;
using Enrichment.AspNetCore;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Interop.Tests;

/// <summary>The public library of Standard Webhooks, from npm, delivers to the receiver.</summary>
public sealed class StandardWebhooksTests
{
    [Fact]
    public async Task A_signature_of_the_public_library_is_accepted_and_one_of_another_secret_is_not()
    {
        var library = Directory.CreateTempSubdirectory("standard-webhooks-");
        foreach (
            var file in Directory.GetFiles(Path.Combine(TestPaths.RepositoryRoot, "tests", "Enrichment.Interop.Tests", "standard-webhooks")))
        {
            File.Copy(file, Path.Combine(library.FullName, Path.GetFileName(file)));
        }

        await ShellCommand.RunAsync(["npm", "ci", "--no-progress"], library.FullName, CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddEnrichment(e =>
            e.UseSqlite(":memory:").AddStep<SignedStep>().AddPipeline("signed", p => p.Step("vendor.signed")));
        await using var app = builder.Build();
        app.MapEnrichmentCallbacks();
        await app.StartAsync();
        SignedStep.Vendor = (
            library.FullName,
            new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()));
        var engine = app.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var batch = await client.LaunchAsync("Company Name\nGlobex\n", "signed");

        await engine.RunUntilDrainedAsync();

        Assert.Equal(["401", "202"], SignedStep.Answers);
        Assert.Equal(Status.Completed, (await client.ReadStatesAsync(batch.Id).SingleAsync()).Status);
        Assert.Contains(
            "Größe 10",
            Encoding.UTF8.GetString((await client.ReadResultsAsync(batch.Id).SingleAsync()).Data.Span),
            StringComparison.Ordinal);
        await app.StopAsync();
        library.Delete(recursive: true);
    }
}
