using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests;

/// <summary>
/// A flood of forged and mutated deliveries with genuine ones among them. <c>ENRICHMENT_FORGED=50000</c> makes it as large as that; without
/// it it is a tenth.
/// </summary>
public sealed class ForgedDeliveryTests
{
    private const int Seed = 20_262;

    // Ten forgeries of each genuine delivery: one of each kind.
    private const int Kinds = 10;

    private static readonly int Genuine =
        (
            int.TryParse(
                Environment.GetEnvironmentVariable("ENRICHMENT_FORGED"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var forged)
            && forged > 0
                ? forged
                : 5_000) / Kinds;

    [Fact]
    public async Task Of_a_flood_of_deliveries_every_genuine_one_completes_its_item_and_no_forged_one_is_taken()
    {
        var calls = new ConcurrentDictionary<int, StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(context =>
            {
                calls[context.Item] = context;
            }),
            [.. Enumerable.Range(1, Genuine).Select(item => $"Company {item}")]);
        var answers = new ConcurrentBag<(int Kind, int Status)>();
        var batch = await receiver.WorkAsync(async () =>
        {
            await Wait.UntilAsync(() => calls.Count >= Genuine);
            var deliveries = calls
                .Values.SelectMany(call => Enumerable.Range(-1, Kinds + 1).Select(kind => (Call: call, Kind: kind)))
                .ToArray();
            new Random(Seed).Shuffle(deliveries);
            await Parallel.ForEachAsync(deliveries, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (delivery, _) =>
                answers.Add((delivery.Kind, await receiver.DeliverAsync(Request(receiver, delivery.Call, delivery.Kind)))));
        });
        await receiver.Engine.RunUntilDrainedAsync();

        Assert.Equal((Kinds + 1) * Genuine, answers.Count);
        Assert.All(answers, answer => Assert.Equal(answer.Kind < 0 ? (answer.Kind, 202) : (answer.Kind, 401), answer));
        Assert.Equal(BatchStatus.Completed, (await receiver.Client.GetBatchAsync(batch.Id)).Status);
        var stored = await receiver.InboxAsync(batch);
        Assert.Equal(Genuine, stored.Count);
        Assert.All(stored, delivery => Assert.Equal((DeliveryState.Applied, 1), (delivery.State, delivery.Times)));
        var results = await receiver.Engine.Store.ReadResultsAsync(batch.Key, default).ToListAsync();
        Assert.Equal(Genuine, results.Count);
        Assert.All(
            results,
            result =>
                Assert.Equal($$"""{"company.answer":"Company {{result.Item}}"}""", System.Text.Encoding.UTF8.GetString(result.Data.Span)));
        Assert.Empty(await receiver.Engine.ExamineAsync());
    }

    /// <summary>A delivery about a call: genuine if the kind is below 0, else forged in one of ten ways.</summary>
    private static HttpRequestMessage Request(Receiver receiver, StepContext call, int kind)
    {
        var address = receiver.AddressOf(call);
        var now = TimeProvider.System.GetUtcNow();
        return kind switch
        {
            < 0 => Signed.Request(address, Signed.Answer(call.Name())),
            0 => new(HttpMethod.Post, address) { Content = new StringContent(Signed.Answer("forged")) },
            1 => With(Signed.Request(address, Signed.Answer("forged")), "webhook-id", _ => "msg_another"),
            2 => With(Signed.Request(address, Signed.Answer("forged")), "webhook-signature", Mutated),
            3 => With(Signed.Request(address, Signed.Answer("forged")), "webhook-signature", signature => "v2" + signature[2..]),
            4 => With(
                Signed.Request(address, Signed.Answer("forged")),
                "webhook-timestamp",
                stamp => (long.Parse(stamp, CultureInfo.InvariantCulture) - 1).ToString(CultureInfo.InvariantCulture)),
            5 => OtherBody(Signed.Request(address, Signed.Answer(call.Name()))),
            6 => Signed.Request(address, Signed.Answer("forged"), at: now.AddSeconds(-310 - call.Item)),
            7 => Signed.Request(address, Signed.Answer("forged"), at: now.AddSeconds(600 + call.Item)),
            8 => Signed.Request(new(receiver.Address, OtherToken(call, place: 16 + (call.Item % 26))), Signed.Answer("forged")),
            _ => Signed.Request(new(receiver.Address, OtherToken(call, place: call.Item % 16)), Signed.Answer("forged")),
        };
    }

    /// <summary>
    /// The token with one byte changed: below 16 it names another attempt, or none; from there on it is not the one that was given out, or
    /// not signed rightly.
    /// </summary>
    private static string OtherToken(StepContext call, int place)
    {
        var token = Base64Url.DecodeFromChars(call.CallbackToken);
        token[place] ^= (byte)RandomNumberGenerator.GetInt32(1, 256);
        return Base64Url.EncodeToString(token);
    }

    private static HttpRequestMessage With(HttpRequestMessage request, string header, Func<string, string> change)
    {
        var value = request.Headers.GetValues(header).Single();
        request.Headers.Remove(header);
        request.Headers.Add(header, change(value));
        return request;
    }

    private static HttpRequestMessage OtherBody(HttpRequestMessage request)
    {
        request.Content = new StringContent(Signed.Answer("forged"));
        return request;
    }

    private static string Mutated(string signature)
    {
        // Behind it stand the sign that fills up, and one with bits that count for nothing.
        var place = RandomNumberGenerator.GetInt32("v1,".Length, signature.Length - 2);
        return string.Concat(signature.AsSpan(0, place), signature[place] == 'A' ? "B" : "A", signature.AsSpan(place + 1));
    }
}
