namespace Enrichment.Providers.Normalization;

/// <summary>The outcome of a step that puts one field into its canonical form.</summary>
internal static class FieldAnswer
{
    /// <summary>Completes the field with its canonical form, or skips the item.</summary>
    /// <param name="record">What the step may read.</param>
    /// <param name="field">The field, read and produced.</param>
    /// <param name="canonical">The canonical form of a text; null if it has none.</param>
    /// <param name="noun">
    /// What the field should hold, for the operator. The value itself is the client's data and stays out of the reason.
    /// </param>
    public static ValueTask<StepOutcome> For(EnrichmentRecord record, string field, Func<string, string?> canonical, string noun)
    {
        var outcome =
            record.Text(field) is not { } text
                ? StepOutcome.Skipped(
                    record.Value(field) is null ? $"the record has no {field}" : $"{field} is a JSON object or list, not text")
            : canonical(text) is { } value ? StepOutcome.Completed(field, value)
            : StepOutcome.Skipped($"{field} holds no {noun}");
        return new(outcome);
    }
}
