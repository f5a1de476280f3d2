using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>What both phone steps do.</summary>
internal static class PhoneAnswer
{
    /// <summary>
    /// Completes the field with E.164. An extension is dropped: it is no part of the number, and dialling software chokes on it.
    /// </summary>
    /// <param name="context">The attempt.</param>
    /// <param name="field">The field, read and produced.</param>
    /// <param name="countries">The fields that may tell the country of a number without country code, the best first.</param>
    public static ValueTask<StepOutcome> For(StepContext context, string field, params ReadOnlySpan<string> countries)
    {
        var region = Region(context.Record, countries) ?? context.Options<PhoneOptions>().DefaultRegion;
        return FieldAnswer.For(
            context.Record,
            field,
            text => PhoneNumber.TryParse(text, region, out var number) ? number.E164 : null,
            region is null
                ? "number with a country code, and neither the record nor the setting defaultRegion names a country"
                : $"telephone number that can be dialled from {region}");
    }

    private static string? Region(EnrichmentRecord record, ReadOnlySpan<string> countries)
    {
        foreach (var field in countries)
        {
            if (Country.TryParse(record.Text(field), out var country))
            {
                return country.Alpha2;
            }
        }

        return null;
    }
}
