using System.Globalization;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>Calls that are answered later, as a host sends them and a vendor answers.</summary>
internal static class Sends
{
    /// <summary>To be answered by a delivery.</summary>
    public static readonly Storage.Sending Answered = new(WaitReason.Callback, Times.Deadline, Times.Deadline);

    /// <summary>To be polled.</summary>
    public static readonly Storage.Sending Polled = new(WaitReason.Poll, Times.Deadline, Times.Poll);

    public static byte[] Token(int item, int attempt) => Scene.Hash(string.Create(CultureInfo.InvariantCulture, $"token {item}.{attempt}"));

    public static AttemptStart Start(ClaimedItem item) => Commits.Begin(item) with { TokenHash = Token(item.Item, item.Attempt + 1) };

    /// <summary>Claims what is due at a stage, sends it and gives the lease back.</summary>
    public static async Task<Claim> SendAsync(Scene scene, Batch batch, Storage.Sending? sending = null, short stage = 1, int limit = 100)
    {
        var claim = await scene.ClaimAsync(batch, stage, limit);
        Expect.Sequence(
            claim.Items.Select(i => i.Item),
            (await scene.Store.BeginSendingAsync(claim.Lease, "host", [.. claim.Items.Select(Start)], sending ?? Answered, default)).Order());
        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default));
        return claim;
    }

    public static async Task<IReadOnlyList<int>> SettleAsync(Scene scene, Claim claim, params IEnumerable<StateChange> outcomes) =>
        [.. (await scene.Store.SettleAsync(new(claim.Lease.Range, [.. outcomes], []), default)).Order()];

    /// <summary>Settles what one delivery said.</summary>
    public static Task<IReadOnlyList<int>> SettleAsync(Scene scene, Claim claim, StateChange outcome, string message) =>
        scene.Store.SettleAsync(new(claim.Lease.Range, [outcome], [message]), default);

    /// <summary>A vendor's delivery to the attempt that a claimed item was sent with.</summary>
    public static Delivery Delivery(Claim claim, ClaimedItem item, string message = "message 1", string body = """{"status": "done"}""") =>
        new()
        {
            Attempt = new(claim.Lease.Range, item.Item, item.Attempt + 1),
            TokenHash = Token(item.Item, item.Attempt + 1),
            Message = message,
            Headers = """{"content-type":  ["application/json"]}""",
            Body = Encoding.UTF8.GetBytes(body),
        };

    public static Task<long> OpenAttemptsAsync(Scene scene) =>
        scene.Fixture.CountRawAsync("select count(*) from attempts where ended_at is null");
}
