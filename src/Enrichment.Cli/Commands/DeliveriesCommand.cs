using System.CommandLine;
using System.Text;

namespace Enrichment.Cli.Commands;

/// <summary>The inbox of a batch.</summary>
internal sealed class DeliveriesCommand : BatchCommand
{
    private readonly Option<bool> again = new("--again")
    {
        Description = "Have deliveries that changed nothing, or could not be read, interpreted again. Workers do it: 'enrich work'.",
    };
    private readonly Option<bool> body = new("--body") { Description = "Show the bodies of the deliveries too. They may hold personal data." };

    public DeliveriesCommand()
        : base(
            "deliveries",
            "Lists the deliveries for a batch, and the result of each: applied, ignored or faulty, with the reason.",
            "enrich deliveries last",
            "enrich deliveries last --body --json",
            "enrich deliveries last --again")
    {
        Options.Add(again);
        Options.Add(body);
        LimitOption.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(again))
        {
            var count = await session.Client.ReinterpretAsync(batch, cancellationToken);
            return new(
                new { Batch = batch, Again = count },
                $"{Plural.Of(count, "delivery", "deliveries")} of batch {batch} {(count == 1 ? "is" : "are")} interpreted again{(count == 0 ? "" : ": 'enrich work --until-drained' does it")}.");
        }

        string[] columns =
        [
            ">item",
            ">stage",
            ">attempt",
            "state",
            "received",
            ">times",
            "reason",
            .. parsed.GetValue(body) ? ["body"] : Array.Empty<string>(),
        ];
        var list = new Listing(parsed, "deliveries", columns)
        {
            About = new { Batch = batch },
            Nothing = $"Batch {batch} has no deliveries.",
        };
        var deliveries = session.Client.ReadDeliveriesAsync(batch, cancellationToken);
        await foreach (var delivery in deliveries.Select(delivery => Show(delivery, parsed.GetValue(body))))
        {
            string?[] cells =
            [
                $"{delivery.Item}",
                $"{delivery.Stage}",
                $"{delivery.Attempt}",
                delivery.State,
                $"{delivery.ReceivedAt:u}",
                $"{delivery.Times:n0}",
                delivery.Reason,
                delivery.Body,
            ];
            await list.AddAsync(delivery, cells[..columns.Length]);
        }

        return await list.EndAsync();
    }

    private static Shown Show(StoredDelivery delivery, bool withBody) => new(
        delivery.Item,
        delivery.Stage,
        delivery.Attempt,
        delivery.State.ToString().ToLowerInvariant(),
        delivery.Reason,
        delivery.Times,
        delivery.ReceivedAt,
        delivery.Message,
        withBody ? Encoding.UTF8.GetString(delivery.Body.Span) : null);

    private sealed record Shown(
        int Item,
        short Stage,
        int Attempt,
        string State,
        string? Reason,
        int Times,
        DateTimeOffset ReceivedAt,
        string Message,
        string? Body);
}
