using System.CommandLine;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Cli.Commands;

/// <summary>The inbox of a batch.</summary>
internal sealed class DeliveriesCommand : BatchCommand
{
    private readonly Option<bool> again = new("--again") { Description = "Let those that changed nothing, or could not be read, be interpreted again. Workers do it: 'enrich work'." };
    private readonly Option<bool> body = new("--body") { Description = "Show what was delivered as well. It may hold personal data." };

    public DeliveriesCommand()
        : base(
            "deliveries",
            "Lists what vendors delivered for a batch, and what became of it: applied, ignored or faulty, with the reason.",
            "enrich deliveries last",
            "enrich deliveries last --body --json",
            "enrich deliveries last --again")
    {
        Options.Add(again);
        Options.Add(body);
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(again))
        {
            var count = await session.Client.ReinterpretAsync(batch, cancellationToken);
            return new(new { Batch = batch, Again = count }, $"{count:n0} deliveries of batch {batch} are interpreted again{(count == 0 ? "" : ": 'enrich work --until-drained' does it")}.");
        }

        var deliveries = await session.Client.DeliveriesAsync(batch, cancellationToken).Select(delivery => Show(delivery, parsed.GetValue(body))).ToListAsync(cancellationToken);
        return new(
            new { Batch = batch, Deliveries = deliveries },
            deliveries.Count == 0 ? $"Nothing was delivered for batch {batch}." : string.Join('\n', deliveries.Select(Line)));
    }

    private static Shown Show(StoredDelivery delivery, bool withBody) => new(
        delivery.Attempt.Item,
        delivery.Attempt.Range.Stage,
        delivery.Attempt.Attempt,
        delivery.State.ToString().ToLowerInvariant(),
        delivery.Reason,
        delivery.Times,
        delivery.ReceivedAt,
        delivery.Message,
        withBody ? Encoding.UTF8.GetString(delivery.Body.Span) : null);

    private static string Line(Shown delivery) =>
        $"item {delivery.Item}, stage {delivery.Stage}, attempt {delivery.Attempt}: {delivery.State}{(delivery.Reason is null ? "" : $" ({delivery.Reason})")}, {delivery.ReceivedAt:u}{(delivery.Times == 1 ? "" : $", {delivery.Times} times")}{(delivery.Body is null ? "" : $"\n{delivery.Body}")}";

    private sealed record Shown(int Item, short Stage, int Attempt, string State, string? Reason, int Times, DateTimeOffset ReceivedAt, string Message, string? Body);
}
