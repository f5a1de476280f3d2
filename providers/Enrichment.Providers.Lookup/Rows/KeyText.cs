using System.Text;
using Enrichment.Normalization;

namespace Enrichment.Providers.Lookup.Rows;

/// <summary>A key in its form, so that two spellings of one thing are equal.</summary>
internal static class KeyText
{
    /// <returns>Null if the text is no such key.</returns>
    public static string? Of(KeyForm form, string? text) =>
        form switch
        {
            KeyForm.Domain => Domain.TryParse(text, out var domain) ? domain.Value : null,
            KeyForm.Email => EmailAddress.TryParse(text, out var address) ? address.Value : null,
            KeyForm.LinkedIn => LinkedInUrl.TryParse(text, out var url) ? url.Value : null,
            KeyForm.Exact => string.IsNullOrWhiteSpace(text) ? null : text.Trim(),
            _ => BlankText.IsBlank(text)
                ? null
                : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    .ToLowerInvariant()
                    .Normalize(NormalizationForm.FormC),
        };
}
