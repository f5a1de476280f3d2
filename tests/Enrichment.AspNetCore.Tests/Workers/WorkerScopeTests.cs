using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Enrichment.External;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>
/// A worker for one client tries to get at the items of another: by guessing leases, by changing its own, and with one that leaked.
/// </summary>
public sealed class WorkerScopeTests
{
    [Fact]
    public async Task A_worker_for_one_client_writes_nothing_for_another_whatever_lease_it_names()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex", "Initech");
        var other = host.Engine.Client("other");
        var upload = await other.UploadAsync(new MemoryStream("Company Name\nUmbrella\n"u8.ToArray()), "apollo_scrape");
        await other.LaunchAsync(upload.Upload.Id, new() { Pipeline = "python" });
        var victim = await host.ClaimAsync(); // With everything in its scope: of either client.
        var own = await host.ClaimAsync();
        var (acme, others) = victim.Batch == host.Batch.Id ? (victim, own) : (own, victim);
        host.Http.DefaultRequestHeaders.Add("client", "other");

        Assert.Null(await host.TryClaimAsync());
        foreach (var lease in Guesses(acme.Lease, others.Lease))
        {
            foreach (var path in new[] { "complete", "skip", "fail", "defer", "renew", "release" })
            {
                object body = path is "renew" or "release" ? new { lease } : new { lease, items = new[] { Item(path, 1), Item(path, 2) } };
                using var answer = await host.Http.PostAsJsonAsync("/workers/" + path, body);
                Assert.Equal(
                    (HttpStatusCode.BadRequest, "lease: expected the unchanged text that a claim returned."),
                    (answer.StatusCode, await DetailAsync(answer)));
            }
        }

        Assert.All(
            await host.Client.ReadStatesAsync(host.Batch.Id).ToListAsync(),
            state => Assert.Equal((Status.Queued, 0), (state.Status, state.Attempt)));
        Assert.Equal([1], await host.CompleteAsync(others));
        host.Http.DefaultRequestHeaders.Remove("client");
        Assert.Equal([1, 2], await host.CompleteAsync(acme));
        await host.EndAsync();
    }

    [Fact]
    public async Task A_step_outside_of_the_scope_is_refused_and_other_clients_items_are_not_due()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        var tasks = (ExternalTasks)host.Services.GetService(typeof(ExternalTasks))!;
        var request = new WorkRequest("python.size", "w");

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() =>
            tasks.Within(new(["acme"], ["python.other"])).ClaimAsync(request, default));
        Assert.Contains("'python.size' is not among the steps that this worker may work on", refused.Message, StringComparison.Ordinal);
        Assert.Null((await tasks.Within(new(["globex"], ["*"])).ClaimAsync(request, default)).Work);
        Assert.Null((await tasks.Within(new([], ["*"])).ClaimAsync(request, default)).Work);
        Assert.NotNull((await tasks.Within(new(["acme"], ["python.size"])).ClaimAsync(request, default)).Work);
    }

    /// <summary>
    /// The other's lease as it is; counted out, without a code, with the code of an own lease, with codes of its own making.
    /// </summary>
    private static IEnumerable<string> Guesses(string leaked, string own)
    {
        yield return leaked;
        var (name, code) = (leaked.Split('.', 3), own.Split('.', 3));
        yield return name[2];
        foreach (var key in new[] { "0", "1", "2", "255", "256", "-1", "+1", "01" })
        {
            yield return $"{key}.{code[1]}.{name[2]}";
            yield return $"{key}.{new string('0', 32)}.{name[2]}";
            yield return $"{key}..{name[2]}";
        }

        // Spellings of the own lease that could be read as another's.
        yield return own.ToUpperInvariant();
        yield return $" {own}";
        yield return $"{own}x";
        for (var part = 0; part < 7; part++)
        {
            var numbers = code[2].Split('.', 8);
            for (var number = 0; number <= 20; number++)
            {
                if (numbers[part] != $"{number}")
                {
                    var forged = (string[])numbers.Clone();
                    forged[part] = $"{number}";
                    yield return $"{code[0]}.{code[1]}.{string.Join('.', forged)}";
                }
            }
        }
    }

    private static Dictionary<string, object> Item(string path, int item) => path == "complete"
        ? new() { ["item"] = item, ["attempt"] = 1, ["result"] = new { stolen = true } }
        : new() { ["item"] = item, ["attempt"] = 1, ["reason"] = "stolen" };

    private static async Task<string?> DetailAsync(HttpResponseMessage answer) =>
        JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString();
}
