using System.CommandLine;
using Enrichment.Pipelines;

namespace Enrichment.Cli.Commands;

/// <summary>Gives failed items a new generation.</summary>
internal sealed class RetryCommand : BatchCommand
{
    private readonly Option<short?> fromStage = new("--from-stage") { Description = "The stage to begin from, from 1. Without it: where each item failed.", HelpName = "N" };
    private readonly Option<int[]> items = new("--item") { Description = "Only this item (its row's number); may be repeated. With --from-stage also items that did not fail.", HelpName = "N" };
    private readonly Option<string?> errorClass = ErrorClassOption();
    private readonly Option<string?> where = new("--where") { Description = "Only items whose record satisfies this condition, as JSON.", HelpName = "CONDITION" };

    public RetryCommand()
        : base(
            "retry",
            "Begins failed items of a batch anew, from the stage where they failed, with a fresh budget of tries. Workers do it: 'enrich work'. What was answered before stays in the history.",
            "enrich retry last",
            "enrich retry last --error-class transient",
            "enrich retry last --item 17 --item 23 --from-stage 1")
    {
        foreach (var option in (Option[])[fromStage, items, errorClass, where])
        {
            Options.Add(option);
        }
    }

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var begun = await session.Client.RetryAsync(
            batch,
            new()
            {
                FromStage = parsed.GetValue(fromStage),
                Items = parsed.GetValue(items) is { Length: > 0 } named ? named : null,
                ErrorClass = parsed.GetValue(errorClass) is { } word ? Enum.GetValues<ErrorClass>().Single(known => Statuses.Word(known) == word) : null,
                Where = parsed.GetValue(where) is { } text ? Condition.Parse(text, "--where") : null,
            },
            cancellationToken);
        return new(new { Batch = batch, Retried = begun }, $"{begun:n0} items of batch {batch} begin anew{(begun == 0 ? "" : ": 'enrich work --until-drained' runs them")}.");
    }

    private static Option<string?> ErrorClassOption()
    {
        var option = new Option<string?>("--error-class") { Description = "Only items that failed in this way.", HelpName = "CLASS" };
        return option.AcceptOnlyFromAmong([.. Enum.GetValues<ErrorClass>().Select(known => Statuses.Word(known)!)]);
    }
}
