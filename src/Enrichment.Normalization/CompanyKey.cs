namespace Enrichment.Normalization;

/// <summary>The key of a company: rows with the same key mean the same company.</summary>
/// <remarks>
/// A key is exact and depends on its own row alone. Two keys of one company are never merged: a merge would depend on which rows are known,
/// so the next upload could change the key and pay again.
/// </remarks>
public static class CompanyKey
{
    /// <summary>
    /// LinkedIn forwards pages of companies that it has removed to <c>/company/unavailable</c>, which therefore names none.
    /// </summary>
    private const string Removed = "unavailable";

    /// <summary>
    /// The first that exists: the registrable domain of the website, the one of a business e-mail address, the company's page on LinkedIn.
    /// Null if there is none.
    /// </summary>
    /// <param name="website">
    /// The company's domain or an address of the web. Platforms and free-mail providers name no company, but a website that is the
    /// company's page on LinkedIn counts as that.
    /// </param>
    /// <param name="email">An address at the company. Addresses of free-mail providers name no company.</param>
    /// <param name="linkedIn">The company's page on LinkedIn. Pages of people and schools name no company.</param>
    /// <returns><c>acme.co.uk</c> or <c>https://www.linkedin.com/company/acme</c>. A key is its own key.</returns>
    public static string? Of(string? website, string? email = null, string? linkedIn = null) =>
        OfSite(website) ?? OfMailbox(email) ?? OfPage(linkedIn) ?? OfPage(website);

    /// <summary>
    /// A text that two rows of one company probably share: the folded name without legal form, and the country. For reports; it is no key,
    /// because two companies of one country may have one name.
    /// </summary>
    /// <returns><c>muller DE</c> for <c>Müller GmbH</c> in <c>Germany</c>. Null if name or country is missing.</returns>
    public static string? PossibleMatch(string? name, string? country) =>
        CompanyName.TryParse(name, out var company) && Country.TryParse(country, out var place) ? $"{company.Key} {place.Alpha2}" : null;

    private static string? OfSite(string? text) => Domain.TryParse(text, out var domain) && domain.IsCompany ? domain.Value : null;

    private static string? OfMailbox(string? text) =>
        EmailAddress.TryParse(text, out var address) && address.Domain is { IsCompany: true } domain ? domain.Value : null;

    private static string? OfPage(string? text) =>
        LinkedInUrl.TryParse(text, out var page) && page is { Kind: LinkedInKind.Company, Slug: not Removed } ? page.Value : null;
}
