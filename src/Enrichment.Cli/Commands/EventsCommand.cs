using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Enrichment.Cli.Commands;

/// <summary>What happened to a batch.</summary>
internal sealed class EventsCommand : BatchCommand
{
    public EventsCommand()
        : base(
            "events",
            "Lists the events of a batch, the oldest first: launched, paused, resumed, prioritized, retried, skipped, supplied, cancelled, completed, pruned, with the reasons that operators gave.",
            "enrich events last",
            "enrich events last --json")
    {
        LimitOption.AddTo(this);
        LastUnlessGiven();
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var list = new Listing(parsed, "events", "at", "what", "detail")
        {
            About = new { Batch = batch },
            Nothing = "Nothing happened yet.",
        };
        foreach (var happened in await session.Client.ListEventsAsync(batch, cancellationToken))
        {
            var detail = happened.Detail is null ? null : JsonNode.Parse(happened.Detail);
            await list.AddAsync(
                new
                {
                    happened.At,
                    What = happened.Kind,
                    Detail = detail,
                },
                $"{happened.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z",
                happened.Kind,
                detail is JsonObject properties ? string.Join(", ", properties.Select(Words)) : detail?.ToString());
        }

        return await list.EndAsync();
    }

    private static string Words(KeyValuePair<string, JsonNode?> property) =>
        $"{property.Key}: {(property.Value is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : property.Value?.ToJsonString() ?? "none")}";
}
