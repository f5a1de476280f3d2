using System.Buffers.Text;
using System.Collections.Concurrent;
using Enrichment.Storage;

namespace Enrichment.AspNetCore.Tests;

/// <summary>What a refusal tells whoever guesses: nothing, neither by what it says nor by what is done for it.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task Whoever_lacks_the_secret_learns_of_no_token_whether_it_was_given_out()
    {
        var asked = new ConcurrentQueue<string>();
        var reasons = new ConcurrentQueue<(string Reason, int Times)>();
        var call = new TaskCompletionSource<StepContext>();
        var answers = new List<string>();
        await using (var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(context => { call.TrySetResult(context); }), ["Globex", "Initech"], describe: e => WatchedStore.PutBefore(e, (method, arguments) =>
            {
                if (method == nameof(IEnrichmentStore.NoteRefusedAsync))
                {
                    ((IReadOnlyList<(string, int)>)arguments[0]!).ToList().ForEach(reasons.Enqueue);
                }
                else
                {
                    asked.Enqueue(method);
                }
            })))
        {
            await receiver.WorkAsync(async () => await call.Task);
            var token = (await call.Task).CallbackToken!;

            // The token of a call that is out; one that was not given out; one of an item that is not there; one of an attempt that was never made.
            foreach (var given in new[] { token, Other(token, 20), Other(token, 8), Other(token, 14) })
            {
                asked.Clear();
                answers.Add($"{await AnswerAsync(receiver, Forged(receiver, given))}, asked of the store: {string.Join(' ', asked)}");
            }
        }

        Assert.Equal("401 Content-Length: 0, Server: Kestrel, asked of the store: ", Assert.Single(answers.Distinct()));

        // Each got as far as the comparison of its signature.
        Assert.Equal(("vendor.signed: no signature is right", 4), (Assert.Single(reasons.Select(refusal => refusal.Reason).Distinct()), reasons.Sum(refusal => refusal.Times)));
    }

    [Fact]
    public async Task Whoever_has_the_secret_is_refused_by_the_one_statement_that_would_have_stored_it()
    {
        var asked = new ConcurrentQueue<string>();
        var call = new TaskCompletionSource<StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(context => { call.TrySetResult(context); }), ["Globex", "Initech"], describe: e => WatchedStore.PutBefore(e, (method, _) => asked.Enqueue(method)));
        await receiver.WorkAsync(async () => await call.Task);
        var token = (await call.Task).CallbackToken!;

        var answers = new List<string>();
        foreach (var given in new[] { Other(token, 20), Other(token, 8), Other(token, 14) })
        {
            asked.Clear();
            var answer = await AnswerAsync(receiver, Signed.Request(new(receiver.Address, given), Signed.Answer("guessed")));
            answers.Add($"{answer}, asked of the store: {string.Join(' ', asked.Except([nameof(IEnrichmentStore.NoteRefusedAsync)]))}");
        }

        Assert.Equal("401 Content-Length: 0, Server: Kestrel, asked of the store: ReceiveAsync", Assert.Single(answers.Distinct()));
        Assert.Empty(await receiver.InboxOfAllAsync());
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
            var headers = response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date").OrderBy(header => header.Key, StringComparer.Ordinal);
            return $"{(int)response.StatusCode} {string.Join(", ", headers.Select(header => $"{header.Key}: {string.Join(',', header.Value)}"))}{await response.Content.ReadAsStringAsync()}";
        }
    }

    /// <summary>The token with a byte changed: 8 to 11 are the item's number, 12 to 15 the attempt's, those behind them are secret.</summary>
    private static string Other(string text, int place)
    {
        var token = Base64Url.DecodeFromChars(text);
        token[place] ^= 1;
        return Base64Url.EncodeToString(token);
    }
}
