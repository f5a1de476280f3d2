using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>External tasks, as a host hands them out and workers fetch and report them.</summary>
internal static class HandOuts
{
    public const string Step = "python.score";
    public const string Identity = "http:worker";
    public const string Report = """{"kind":"complete","result":{}}""";

    public static readonly TimeSpan Visible = TimeSpan.FromHours(1);

    private static readonly Storage.Sending Sending = new(WaitReason.Worker, Visible + Times.Deadline, Visible + Times.Deadline);

    /// <summary>Claims what is due at the first stage, hands it out and gives the lease back.</summary>
    public static async Task<Claim> HandOutAsync(
        Scene scene,
        Batch batch,
        int limit = 100,
        TimeSpan? after = null,
        TimeSpan? until = null,
        string step = Step)
    {
        var claim = await scene.ClaimAsync(batch, limit: limit);
        var request = Request(claim, after ?? TimeSpan.Zero, until ?? Visible, after is not null, step);
        var handed = await scene.Store.HandOutAsync(request, default);
        Expect.Sequence(claim.Items.Select(item => item.Item), handed.Order());
        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default));
        return claim;
    }

    public static HandOutRequest Request(Claim claim, TimeSpan after, TimeSpan until, bool limited = false, string step = Step) => new()
    {
        Lease = claim.Lease,
        Owner = "host",
        Client = Scene.Client,
        Step = step,
        Version = "1.0.0",
        Settings = """{"depth":2}""",
        Sending = Sending,
        Limited = limited,
        Tasks =
        [
            .. claim.Items.Select(item => new TaskStart(
                Commits.Begin(item),
                string.Create(CultureInfo.InvariantCulture, $"key {item.Item}"),
                string.Create(CultureInfo.InvariantCulture, $$"""{"company.name":"Company {{item.Item}}"}"""),
                after,
                until)),
        ],
    };

    public static Task<IReadOnlyList<FetchedTask>> FetchAsync(
        Scene scene,
        int limit = 100,
        string identity = Identity,
        string client = "*",
        string? version = null,
        string step = Step) => scene.Store.FetchTasksAsync(
        new()
        {
            Step = step,
            Version = version,
            Worker = "worker 1",
            Identity = identity,
            Clients = [client],
            Limit = limit,
            Hold = Times.Lease,
        },
        default);

    public static Task<IReadOnlyList<bool>> ReportAsync(Scene scene, params IEnumerable<string> tasks) =>
        scene.Store.ReportTasksAsync(Identity, [.. tasks.Select(task => (task, Report))], default);

    public static Task<IReadOnlyList<bool>> ExtendAsync(Scene scene, params IReadOnlyList<string> tasks) =>
        scene.Store.ExtendTasksAsync(Identity, tasks, Times.Lease, default);

    /// <summary>A name like that of a task, with another token.</summary>
    public static string Forged(string task) =>
        task[..(task.LastIndexOf('.') + 1)]
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(task)).AsSpan(0, 16));
}
