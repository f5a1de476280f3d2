using System.Text;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>
/// A worker for one client tries to get at the tasks of another: by guessing names, by changing its own, and with one that leaked.
/// </summary>
public sealed class WorkerScopeTests
{
    // The soak sets it to 100,000.
    private static readonly int Mutants = int.TryParse(Environment.GetEnvironmentVariable("ENRICHMENT_MUTATED_REPORTS"), out var set)
        ? set
        : 2000;

    [Fact]
    public async Task A_worker_for_one_client_writes_nothing_for_another_whatever_task_it_names()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex", "Initech");
        var leaked = await host.FetchAllAsync(2);
        var other = host.Engine.Client("other");
        await other.LaunchAsync("Company Name\nUmbrella\n", "python");
        host.Http.DefaultRequestHeaders.Add("client", "other");
        var own = Assert.Single(await host.FetchAsync());

        foreach (var task in leaked)
        {
            foreach (var path in new[] { "skip", "fail", "defer" })
            {
                Assert.Equal([task.Task], await host.ReportAsync(path, [new { task = task.Task, reason = "stolen" }]));
            }

            Assert.Equal([task.Task], await host.ReportAsync("complete", [new { task = task.Task, result = new { stolen = true } }]));
            var extended = await host.PostAsync("/workers/extend", new { tasks = new[] { task.Task } });
            Assert.Equal(1, extended.GetProperty("refused").GetArrayLength());
        }

        Assert.Empty(await host.Client.ReadDeliveriesAsync(host.Batch.Id).ToListAsync());
        Assert.Equal(8, (await host.Engine.ListRefusalsAsync()).Sum(refusal => refusal.Times));
        Assert.Empty(await host.CompleteAsync([own]));
        host.Http.DefaultRequestHeaders.Remove("client");
        Assert.Empty(await host.CompleteAsync(leaked));
        await host.EndAsync();
    }

    [Fact]
    public async Task Of_mutated_reports_none_is_accepted_and_the_genuine_one_still_is()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        var genuine = Assert.Single(await host.FetchAsync());
        var random = new Random(1);

        foreach (var chunk in Enumerable.Range(0, Mutants).Select(_ => Mutated(genuine.Task, random)).Chunk(500))
        {
            var refused = await host.ReportAsync("complete", chunk.Select(task => new { task, result = new { forged = true } }));
            Assert.Equal(chunk, refused);
        }

        Assert.Empty(await host.Client.ReadDeliveriesAsync(host.Batch.Id).ToListAsync());
        Assert.Equal(Mutants, (await host.Engine.ListRefusalsAsync()).Sum(refusal => refusal.Times));
        Assert.Empty(await host.CompleteAsync([genuine]));
        await host.EndAsync();
    }

    [Fact]
    public async Task A_worker_is_given_only_what_its_scope_says()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        host.Http.DefaultRequestHeaders.Add("client", "other");
        await Wait.UntilAsync(async () => (await host.StateAsync(1)).Status == Status.InProgress);
        Assert.Empty(await host.TryFetchAsync());
        host.Http.DefaultRequestHeaders.Remove("client");

        Assert.Single(await host.FetchAsync());
    }

    /// <summary>The name with one to three characters changed, added or taken away; never the name itself.</summary>
    private static string Mutated(string task, Random random)
    {
        const string alphabet = "0123456789abcdefABCDEF.-+ x\u0000é";
        var text = new StringBuilder(task);
        do
        {
            for (var edits = random.Next(1, 4); edits > 0 && text.Length > 0; edits--)
            {
                var place = random.Next(text.Length);
                switch (random.Next(3))
                {
                    case 0:
                        text[place] = alphabet[random.Next(alphabet.Length)];
                        break;
                    case 1:
                        text.Insert(place, alphabet[random.Next(alphabet.Length)]);
                        break;
                    default:
                        text.Remove(place, 1);
                        break;
                }
            }
        }
        while (text.ToString() == task);

        return text.ToString();
    }
}
