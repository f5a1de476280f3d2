using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>A command by which an operator decides about items in a step's stead.</summary>
internal abstract class ResolveCommand : BatchCommand
{
    private readonly StageOption stage = new("--stage", "Only items at this stage.");
    private readonly ItemOptions items = new(
        "Only this item (its row's number), even if it has not failed and waits to begin; may be repeated. Fails if the item does not allow it.");
    private readonly Option<string?> reason = new("--reason")
    {
        Description = "The reason; it is kept with the batch's events and the items.",
        HelpName = "TEXT",
    };

    protected ResolveCommand(string name, string description, params string[] examples)
        : base(name, description, examples)
    {
        stage.AddTo(this);
        items.AddTo(this);
        Options.Add(reason);
    }

    protected async Task<ResolveOptions> ReadAsync(
        ParseResult parsed,
        EnrichmentClient client,
        Guid batch,
        CancellationToken cancellationToken) =>
        new()
        {
            Stage = await stage.ReadAsync(parsed, client, batch, cancellationToken),
            Items = items.Named(parsed),
            ErrorClass = items.Class(parsed),
            Where = items.Condition(parsed),
            Reason = parsed.GetValue(reason),
        };

    protected static async Task<string> GoOnAsync(int count, EnrichmentClient client, Guid batch, CancellationToken cancellationToken) =>
        count == 0 ? "" : $": {await WorkHint.OfAsync(client, batch, count, cancellationToken)}";
}
