using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Lets items pass a stage without a result.</summary>
internal sealed class SkipCommand() : ResolveCommand(
    "skip",
    "Lets failed items of a batch pass the stage at which they failed, without a result. Their old state stays in the history. Not possible for items that a host holds, or whose call was sent and has no answer yet.",
    "enrich skip last --error-class outcome_unknown --reason \"the vendor has no trace of them\"",
    "enrich skip last --item 17 --item 23 --stage 2")
{
    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var count = await session.Client.SkipAsync(
            batch,
            await ReadAsync(parsed, session.Client, batch, cancellationToken),
            cancellationToken);
        return new(
            new { Batch = batch, Skipped = count },
            $"{Plural.Of(count, "item")} of batch {batch} {(count == 1 ? "is" : "are")} skipped{await GoOnAsync(count, session.Client, batch, cancellationToken)}.");
    }
}
