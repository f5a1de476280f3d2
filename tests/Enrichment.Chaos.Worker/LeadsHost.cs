using System.Globalization;
using Enrichment.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Enrichment.Chaos.Worker;

/// <summary>A web host with the receiver and a worker, as an application has them: sends, receives, interprets.</summary>
public static class LeadsHost
{
    /// <param name="connection">The database.</param>
    /// <param name="port">Where it receives, on this machine.</param>
    /// <param name="vendor">Where both vendors are called.</param>
    public static async Task RunAsync(string connection, int port, Uri vendor)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/callbacks"));
        var builder = WebApplication.CreateSlimBuilder();
        builder
            .Logging.ClearProviders()
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddFilter("Microsoft", LogLevel.Warning);
        builder.WebHost.UseSetting("urls", address.GetLeftPart(UriPartial.Authority));
        builder.Services.AddEnrichment(e =>
        {
            LeadsEngine.Describe(e, connection, vendor, address);
            e.AddWorker();
        });
        await using var app = builder.Build();
        app.MapEnrichmentCallbacks("/callbacks");
        await app.StartAsync();
        Console.WriteLine($"ready {Environment.ProcessId}");
        await app.WaitForShutdownAsync();
    }
}
