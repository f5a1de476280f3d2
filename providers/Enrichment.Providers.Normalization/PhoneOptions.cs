using System.ComponentModel.DataAnnotations;

namespace Enrichment.Providers.Normalization;

/// <summary>Settings of <see cref="PersonPhoneStep"/> and <see cref="CompanyPhoneStep"/>.</summary>
public sealed record PhoneOptions
{
    /// <summary>
    /// The country in which a number without country code is dialled, where the record names none: ISO 3166-1 alpha-2 in capitals, such as
    /// <c>US</c>.
    /// </summary>
    /// <value>Null: such numbers are skipped, since a guessed country makes a wrong number.</value>
    [RegularExpression("[A-Z]{2}", ErrorMessage = "defaultRegion must be an ISO 3166-1 alpha-2 code in capitals, such as US or DE.")]
    public string? DefaultRegion { get; init; }
}
