using System.CommandLine;
using System.Text.Json;
using Enrichment.Cli.Commands;
using Enrichment.Pipelines;

namespace Enrichment.Cli;

/// <summary>Which items of a batch a command is for.</summary>
/// <param name="items">What it means to name items.</param>
internal sealed class ItemOptions(string items)
{
    public Option<int[]> Items { get; } = new("--item") { Description = items, HelpName = "N" };

    public Option<string?> ErrorClass { get; } = ErrorClassOption("Only items that failed in this way.");

    public Option<string?> Where { get; } =
        new("--where") { Description = "Only items whose record satisfies this condition, as JSON.", HelpName = "CONDITION" };

    public void AddTo(Command command)
    {
        command.Options.Add(Items);
        command.Options.Add(ErrorClass);
        command.Options.Add(Where);
    }

    /// <summary>The named items; null if none is.</summary>
    public IReadOnlyList<int>? Named(ParseResult parsed) => parsed.GetValue(Items) is { Length: > 0 } named ? named : null;

    public ErrorClass? Class(ParseResult parsed) =>
        parsed.GetValue(ErrorClass) is { } word ? Enum.GetValues<ErrorClass>().Single(known => Statuses.Word(known) == word) : null;

    public Condition? Condition(ParseResult parsed) =>
        parsed.GetValue(Where) is { } text ? ConditionOf(text) : null;

    /// <summary>The condition that <c>--where</c> gives.</summary>
    /// <exception cref="EnrichmentException">It is not a condition.</exception>
    public static Condition ConditionOf(string text)
    {
        try
        {
            return Pipelines.Condition.Parse(text, "--where");
        }
        catch (EnrichmentException exception) when (exception.InnerException is JsonException)
        {
            throw new EnrichmentException(
                $$"""{{exception.Message}} A condition is JSON, such as '{"field": "company.domain", "exists": true}'.""",
                exception);
        }
    }

    public static Option<string?> ErrorClassOption(string description)
    {
        var option = new Option<string?>("--error-class") { Description = description, HelpName = "CLASS" };
        return option.AcceptOnlyWords([.. Enum.GetValues<ErrorClass>().Select(known => Statuses.Word(known)!)]);
    }
}
