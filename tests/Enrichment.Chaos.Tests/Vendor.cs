using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Chaos.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.Chaos.Tests;

/// <summary>
/// Two vendors who answer later, with a ledger of every call. Deliver as vendors do: signed, and again until somebody acknowledges, up to a
/// bound.
/// </summary>
public sealed class Vendor : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    // Longer than any host is away; a second message to a call is given up as well as its first.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(40);

    // How long a call whose answer goes first waits for its acknowledgement: its own host may be gone.
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1);

    private static readonly byte[] Key = Convert.FromBase64String(LeadsEngine.SigningSecret["whsec_".Length..]);

    private readonly WebApplication app;
    private readonly VendorManners manners;
    private readonly int seed;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly ConcurrentQueue<VendorCall> calls = new();
    private readonly ConcurrentQueue<VendorMessage> messages = new();
    private readonly ConcurrentDictionary<string, int> asked = new();
    private readonly ConcurrentDictionary<int, int> missed = new();
    private readonly ConcurrentDictionary<int, int> soon = new();
    private int onTheirWay;

    private Vendor(WebApplication app, VendorManners manners, int seed)
    {
        this.app = app;
        this.manners = manners;
        this.seed = seed;
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Every call that came, in order.</summary>
    public IReadOnlyCollection<VendorCall> Calls => calls;

    /// <summary>Every answer that was sent.</summary>
    public IReadOnlyCollection<VendorMessage> Messages => messages;

    /// <summary>How many answers wait for their time or for an acknowledgement.</summary>
    public int OnTheirWay => Volatile.Read(ref onTheirWay);

    /// <summary>
    /// How many answers are about to knock at a port, or wait there for an acknowledgement; without those that come after the deadline.
    /// </summary>
    public int Soon(int port) => soon.GetValueOrDefault(port);

    /// <summary>How many deliveries to a port came to nothing.</summary>
    public int Missed(int port) => missed.GetValueOrDefault(port);

    public static async Task<Vendor> StartAsync(int seed, VendorManners? manners = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var app = builder.Build();
        var vendor = new Vendor(app, manners ?? VendorManners.Rough, seed);
        app.MapPost("/{vendor}", vendor.TakeAsync);
        await app.StartAsync();
        vendor.Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return vendor;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task TakeAsync(string vendor, HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var subject = body.RootElement.GetProperty("subject").GetString()!;
        var behaviour = VendorBehaviour.Of(
            manners,
            seed,
            vendor,
            subject,
            asked.AddOrUpdate($"{vendor}/{subject}", 1, (_, before) => before + 1));
        var call = new VendorCall(
            vendor,
            context.Request.Headers["Idempotency-Key"].Single()!,
            subject,
            new(body.RootElement.GetProperty("callback").GetString()!),
            TimeProvider.System.GetUtcNow(),
            behaviour);
        calls.Enqueue(call);
        switch (behaviour.Act)
        {
            case VendorAct.Decline:
                context.Response.Headers.RetryAfter = "1";
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                return;
            case VendorAct.Break:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            case VendorAct.Silence:
                break;
            case VendorAct.AnswerBeforeAccepting:
                await Task.WhenAny(Answer(call, Id()), Task.Delay(Before, TimeProvider.System));
                break;
            case VendorAct.AnswerTwice:
                var id = Id();
                _ = Answer(call, id);
                _ = Answer(call, behaviour.SameId ? id : Id());
                break;
            default:
                _ = Answer(call, Id());
                break;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private Task Answer(VendorCall call, string id)
    {
        var counts = call.Behaviour.Act == VendorAct.AnswerLate ? 0 : 1;
        Interlocked.Increment(ref onTheirWay);
        soon.AddOrUpdate(call.Callback.Port, counts, (_, before) => before + counts);
        return Task.Run(async () =>
        {
            try
            {
                await Task.Delay(call.Behaviour.Works, TimeProvider.System);
                await DeliverAsync(call, id);
            }
            finally
            {
                soon.AddOrUpdate(call.Callback.Port, 0, (_, before) => before - counts);
                Interlocked.Decrement(ref onTheirWay);
            }
        });
    }

    private async Task DeliverAsync(VendorCall call, string id)
    {
        var message = new VendorMessage(call, id);
        messages.Enqueue(message);
        var began = TimeProvider.System.GetTimestamp();
        for (
            var pause = FirstPause;
            TimeProvider.System.GetElapsedTime(began) < Bound;
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (await IsAcknowledgedAsync(call, id))
            {
                message.AcknowledgedAt ??= TimeProvider.System.GetUtcNow();
                message.Acknowledged++;
                return;
            }

            message.Missed++;
            missed.AddOrUpdate(call.Callback.Port, 1, (_, before) => before + 1);
            await Task.Delay(pause, TimeProvider.System);
        }
    }

    private async Task<bool> IsAcknowledgedAsync(VendorCall call, string id)
    {
        var body = JsonSerializer.Serialize(new { subject = call.Subject, answer = $"{call.Vendor} of {call.Subject}" });
        var stamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes($"{id}.{stamp}.{body}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, call.Callback)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "webhook-id", id }, { "webhook-timestamp", stamp }, { "webhook-signature", $"v1,{signature}" } },
        };
        try
        {
            using var response = await http.SendAsync(request);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static string Id() => $"msg_{Guid.NewGuid():n}";
}
