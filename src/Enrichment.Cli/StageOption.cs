using System.CommandLine;
using System.Globalization;

namespace Enrichment.Cli;

/// <summary>A stage of a batch, by its number from 1 or by its step.</summary>
internal sealed class StageOption(string name, string description)
{
    private readonly Option<string?> option = new(name)
    {
        Description = $"{description} A number from 1, or the step's name.",
        HelpName = "N|STEP",
    };

    public void AddTo(Command command) => command.Options.Add(option);

    /// <summary>The stage's number; null if none was given.</summary>
    /// <exception cref="EnrichmentException">The batch has no such stage, or several with that step.</exception>
    public async Task<short?> ReadAsync(ParseResult parsed, EnrichmentClient client, Guid batch, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(option) is not { } given)
        {
            return null;
        }

        var progress = await client.GetProgressAsync(batch, cancellationToken);
        var steps = progress.Stages.Select(stage => stage.Step).ToList();
        if (int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number >= 1 && number <= steps.Count
                ? (short)number
                : throw new EnrichmentException(
                    $"Batch {batch} has no stage {number}: its pipeline '{progress.Batch.Pipeline}' has the stages 1 to {steps.Count}.");
        }

        return steps.Count(step => step == given) switch
        {
            1 => (short)(steps.IndexOf(given) + 1),
            0 => throw new EnrichmentException(
                $"Batch {batch} has no stage '{given}'.{Nearest.Hint(given, steps)} Its pipeline '{progress.Batch.Pipeline}' has the stages {string.Join(", ", steps.Select((step, index) => $"{index + 1} {step}"))}."),
            _ => throw new EnrichmentException($"Several stages of batch {batch} run the step '{given}': name the stage by its number."),
        };
    }
}
