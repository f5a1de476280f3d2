using System.Text.Json;

namespace Enrichment.Providers.Http.Declared;

/// <summary>From an answer that says yes to an outcome.</summary>
internal static class Mapping
{
    public static StepOutcome Of(JsonElement answer, HttpAnswerSettings settings)
    {
        var outcome = settings.Found is { } found && Pointer.Find(found, answer) is null
            ? StepOutcome.NotFound("The vendor's answer is empty.")
            : settings.Fields.Count == 0
                ? answer.ValueKind == JsonValueKind.Object ? StepOutcome.Completed(answer)
                    : StepOutcome.Failed(
                        "The vendor's answer is not a JSON object, so it cannot be kept as it is.",
                        ErrorClass.InvalidOutput)
            : StepOutcome.Completed(
                settings.Fields.Select(field => KeyValuePair.Create(field.Key, (object?)Pointer.Find(field.Value, answer))));
        return
            settings.Cost is { } cost
            && Pointer.Find(cost, answer) is { ValueKind: JsonValueKind.Number } number
            && number.TryGetDecimal(out var credits)
            ? outcome.WithCost(credits)
            : outcome;
    }

    /// <summary>The outcome of an answer that may not be the final one; null if it is not.</summary>
    public static StepOutcome? Of(JsonElement answer, HttpProgressSettings progress, HttpAnswerSettings settings)
    {
        if (progress.Status is null)
        {
            return Of(answer, settings);
        }

        var status = Pointer.Text(progress.Status, answer);
        return progress.Done.Contains(status, StringComparer.OrdinalIgnoreCase) ? Of(answer, settings)
            : progress.Failed.Contains(status, StringComparer.OrdinalIgnoreCase)
                ? StepOutcome.Failed($"The vendor says that the work ended as '{status}'.")
            : null;
    }
}
