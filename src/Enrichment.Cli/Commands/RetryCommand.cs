using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Gives failed items a new generation.</summary>
internal sealed class RetryCommand : BatchCommand
{
    private readonly StageOption fromStage = new("--from-stage", "The stage to begin from; without it, where each item failed.");
    private readonly Option<bool?> sameKey = new("--same-key")
    {
        Description =
            "Items whose outcome is unknown call again with the idempotency key of their last call. A vendor that respects the key then does no work twice. Without it: where the step declares that repeating is safe. 'false': never.",
        HelpName = "true|false",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly ItemOptions items = new(
        "Only this item (its row's number); may be repeated. With --from-stage also items that did not fail. Fails if the item is not in the batch.");

    public RetryCommand()
        : base(
            "retry",
            "Runs failed items of a batch again, from the stage where they failed, with all their tries. Workers do it: 'enrich work'. Earlier answers stay in the history.",
            "enrich retry last",
            "enrich retry last --error-class transient",
            "enrich retry last --error-class outcome_unknown --same-key",
            "enrich retry last --item 17 --item 23 --from-stage 1")
    {
        fromStage.AddTo(this);
        Options.Add(sameKey);
        items.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var named = items.Named(parsed)?.Distinct().Count() ?? 0;
        var begun = await session.Client.RetryAsync(
            batch,
            new()
            {
                FromStage = await fromStage.ReadAsync(parsed, session.Client, batch, cancellationToken),
                SameKey = parsed.GetResult(sameKey) is null ? null : parsed.GetValue(sameKey) ?? true,
                Items = items.Named(parsed),
                ErrorClass = items.Class(parsed),
                Where = items.Condition(parsed),
            },
            cancellationToken);
        return new(
            new { Batch = batch, Retried = begun },
            $"{Plural.Of(begun, "item")} of batch {batch} begin{(begun == 1 ? "s" : "")} anew{(begun == 0 ? "" : $": {await WorkHint.OfAsync(session.Client, batch, begun, cancellationToken)}")}."
                + (
                    begun < named
                        ? $" {named - begun:n0} of those named do not: they did not fail (--from-stage takes them too), are still open, or are left out by the other options."
                        : ""));
    }
}
