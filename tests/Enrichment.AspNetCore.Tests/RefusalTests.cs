using System.Buffers.Text;
using System.Collections.Concurrent;
using Enrichment.Hosting;
using Enrichment.Plans;

namespace Enrichment.AspNetCore.Tests;

/// <summary>What a refusal tells whoever guesses: nothing, neither by what it says nor by what is done for it.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task Of_a_token_that_was_made_up_nothing_is_told_and_nothing_asked_whoever_sends_it()
    {
        var asked = new ConcurrentQueue<string>();
        var reasons = new ConcurrentQueue<(string Reason, int Times)>();
        var call = new TaskCompletionSource<StepContext>();
        var answers = new List<string>();
        await using (var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(context => { call.TrySetResult(context); }), ["Globex", "Initech"], describe: e => WatchedStore.PutBefore(e, real => new(real)
            {
                Refused = refused => refused.ToList().ForEach(reasons.Enqueue),
                Called = operation =>
                {
                    if (operation != nameof(IEnrichmentStore.NoteRefusedAsync))
                    {
                        asked.Enqueue(operation);
                    }
                },
            })))
        {
            await receiver.WorkAsync(async () => await call.Task);
            var token = (await call.Task).CallbackToken!;

            // Of another secret, another code; an item that is not there; an attempt that was never made; a batch that is not there; with
            // the vendor's secret and without.
            foreach (var given in new[] { Other(token, 20), Other(token, 40), Other(token, 8), Other(token, 14), Other(token, 2) })
            {
                foreach (
                    var request in new[] { Forged(receiver, given), Signed.Request(new(receiver.Address, given), Signed.Answer("guessed")) })
                {
                    asked.Clear();
                    answers.Add($"{await AnswerAsync(receiver, request)}, asked of the store: {string.Join(' ', asked)}");
                }
            }

            Assert.Empty(await receiver.InboxOfAllAsync());
        }

        Assert.Equal("401 Content-Length: 0, Server: Kestrel, asked of the store: ", Assert.Single(answers.Distinct()));
        Assert.Equal(
            ("no host of this store made its token", 10),
            (Assert.Single(reasons.Select(refusal => refusal.Reason).Distinct()), reasons.Sum(refusal => refusal.Times)));
    }

    [Fact]
    public async Task A_token_whose_batch_was_pruned_is_refused_and_asks_the_store_once()
    {
        var asked = new ConcurrentQueue<string>();
        var call = new TaskCompletionSource<StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(context =>
            {
                call.TrySetResult(context);
            }),
            ["Globex"],
            describe: e => WatchedStore.PutBefore(e, real => new(real) { Called = asked.Enqueue }));
        var batch = await receiver.WorkAsync(async () => await call.Task);
        var keys = new KeyRing(await receiver.Engine.Store.ReadTokenKeysAsync(default));
        var gone = CallbackToken.Create(new(new(0, batch.Key + 1, 1), 1, 1), keys).ToString();
        asked.Clear();

        for (var i = 0; i < 20; i++)
        {
            Assert.StartsWith(
                "401",
                await AnswerAsync(receiver, Signed.Request(new(receiver.Address, gone), Signed.Answer("late"))),
                StringComparison.Ordinal);
        }

        Assert.Equal(
            nameof(IEnrichmentStore.FindBatchAsync),
            Assert.Single(asked, method => method != nameof(IEnrichmentStore.NoteRefusedAsync)));
    }

    [Fact]
    public async Task A_delivery_to_a_step_that_receives_none_is_refused_with_that_reason()
    {
        var reasons = new ConcurrentQueue<string>();
        await using (var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(_ => { }),
            ["Globex"],
            describe: e => WatchedStore.PutBefore(
                e,
                real => new(real) { Refused = refused => refused.ToList().ForEach(each => reasons.Enqueue(each.Reason)) })))
        {
            Assert.Equal(401, await receiver.DeliverAsync(Signed.Request(new(receiver.Address, "steps/no.such"), Signed.Answer("lost"))));
        }

        Assert.Equal("its address names no step that receives deliveries", Assert.Single(reasons.Distinct()));
    }

    private static HttpRequestMessage Forged(Receiver receiver, string token)
    {
        var request = Signed.Request(new(receiver.Address, token), Signed.Answer("forged"));
        request.Content = new StringContent(Signed.Answer("another body"));
        return request;
    }

    private static async Task<string> AnswerAsync(Receiver receiver, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await receiver.Http.SendAsync(request);
            var headers = response
                .Headers.Concat(response.Content.Headers)
                .Where(header => header.Key != "Date")
                .OrderBy(header => header.Key, StringComparer.Ordinal);
            return $"{(int)response.StatusCode} {string.Join(", ", headers.Select(header => $"{header.Key}: {string.Join(',', header.Value)}"))}{await response.Content.ReadAsStringAsync()}";
        }
    }

    /// <summary>
    /// The token with a byte changed: 8 to 11 are the item's number, 12 to 15 the attempt's, those behind them are secret.
    /// </summary>
    private static string Other(string text, int place)
    {
        var token = Base64Url.DecodeFromChars(text);
        token[place] ^= 1;
        return Base64Url.EncodeToString(token);
    }
}
