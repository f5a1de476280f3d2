using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.Chaos.Tests;

/// <summary>A vendor who notes when each call came, and takes 20 to 80 milliseconds to answer it.</summary>
public sealed class LimitedVendor : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly long began = TimeProvider.System.GetTimestamp();
    private readonly ConcurrentQueue<LimitedCall> calls = new();

    private LimitedVendor(WebApplication app) => this.app = app;

    public Uri Address { get; private set; } = null!;

    /// <summary>Every call that came.</summary>
    public IReadOnlyCollection<LimitedCall> Calls => calls;

    /// <summary>The time by which calls are noted.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(began);

    public static async Task<LimitedVendor> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var app = builder.Build();
        var vendor = new LimitedVendor(app);
        app.MapPost("/", vendor.TakeAsync);
        await app.StartAsync();
        vendor.Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return vendor;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var at = Now;
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var left = TimeProvider.System.GetElapsedTime(began, body.RootElement.GetProperty("left").GetInt64());
        calls.Enqueue(new(body.RootElement.GetProperty("client").GetString()!, body.RootElement.GetProperty("host").GetInt32(), left, at));
        await Task.Delay(TimeSpan.FromMilliseconds(20 + Random.Shared.Next(60)), TimeProvider.System);
    }
}

/// <summary>A call as the vendor saw it.</summary>
/// <param name="Client">For whom.</param>
/// <param name="Host">The process that made it.</param>
/// <param name="Left">When it left its host.</param>
/// <param name="At">When it came.</param>
public sealed record LimitedCall(string Client, int Host, TimeSpan Left, TimeSpan At);
