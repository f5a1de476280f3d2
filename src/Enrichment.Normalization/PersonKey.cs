namespace Enrichment.Normalization;

/// <summary>The key of a person: rows with the same key mean the same person.</summary>
/// <remarks>
/// A key is exact and depends on its own row alone. Two keys of one person are never merged, for the reason that
/// <see cref="CompanyKey"/> gives.
/// </remarks>
public static class PersonKey
{
    /// <summary>
    /// The first that exists: the public profile on LinkedIn, the e-mail address, the folded name together with the company's key. Null if
    /// there is none.
    /// </summary>
    /// <param name="linkedIn">
    /// The profile on LinkedIn. An id of Sales Navigator or Recruiter is no key: exports of other tools have the public name instead, and
    /// the person would be paid for twice.
    /// </param>
    /// <param name="email">The person's address, at work or private. The mailbox of a role, such as <c>info@</c>, is several people's.</param>
    /// <param name="name">The full name. Given and family name have to be there, neither as an initial.</param>
    /// <param name="company">The key of the company, as <see cref="CompanyKey.Of"/> makes it.</param>
    /// <returns><c>https://www.linkedin.com/in/jane-doe</c>, <c>jane@acme.com</c> or <c>janedoe at acme.com</c>.</returns>
    public static string? Of(string? linkedIn, string? email = null, string? name = null, string? company = null) =>
        OfProfile(linkedIn) ?? OfMailbox(email) ?? (CompanyKey.Of(company) is { } key && Folded(name) is { } folded ? $"{folded} at {key}" : null);

    private static string? OfProfile(string? text) =>
        LinkedInUrl.TryParse(text, out var profile) && profile.Kind == LinkedInKind.Profile ? profile.Value : null;

    private static string? OfMailbox(string? text) =>
        EmailAddress.TryParse(text, out var address) && !address.IsRole ? address.Value : null;

    // A slash is in addresses and in "Jane / John", never in the name of one person.
    private static string? Folded(string? text) =>
        text is not null && !text.Contains('/', StringComparison.Ordinal) && PersonName.TryParse(text, out var name) && IsWhole(name)
            ? FoldedText.Of(name.Full)
            : null;

    // Chinese, Japanese and Korean family names may have one character, and a whole name may be one word.
    private static bool IsWhole(PersonName name) => EastAsianScript.IsIn(name.Full)
        ? FoldedText.Of(name.Full).Length > 1
        : name is { First: { } first, Last: { } last } && FoldedText.Of(first).Length > 1 && FoldedText.Of(last).Length > 1;
}
