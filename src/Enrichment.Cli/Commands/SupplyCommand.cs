using System.CommandLine;
using System.Text.Json;
using Enrichment.Json;

namespace Enrichment.Cli.Commands;

/// <summary>Gives items the result that a step did not bring.</summary>
internal sealed class SupplyCommand : ResolveCommand
{
    private readonly Option<string> result = new("--result")
    {
        Description = "The fields, as a JSON object: those that the stage's step produces, by their names.",
        HelpName = "JSON",
        Required = true,
    };

    public SupplyCommand()
        : base(
            "supply",
            "Completes failed items of a batch, at the stage at which they failed, with a result that you give. Their old state stays in the history. Not possible for items that a host holds, or whose call was sent and has no answer yet.",
            """enrich supply last --item 17 --result '{"company.employee_count": 42}' --reason "asked by telephone" """.TrimEnd(),
            """enrich supply last --error-class outcome_unknown --stage 2 --result '{"person.email_status": "unknown"}'""") =>
        Options.Add(result);

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        var count = await session.Client.SupplyAsync(
            batch,
            Fields(parsed.GetRequiredValue(result)),
            await ReadAsync(parsed, session.Client, batch, cancellationToken),
            cancellationToken);
        return new(
            new { Batch = batch, Supplied = count },
            $"{Plural.Of(count, "item")} of batch {batch} {(count == 1 ? "has" : "have")} the result{await GoOnAsync(count, session.Client, batch, cancellationToken)}.");
    }

    private static JsonElement Fields(string given)
    {
        try
        {
            return JsonElement.Parse(given);
        }
        catch (JsonException exception)
        {
            throw new EnrichmentException($"--result is not JSON: {JsonFault.Sentence(exception)}", exception);
        }
    }
}
