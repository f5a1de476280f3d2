using Enrichment.Normalization;

namespace Enrichment.Consolidation.Definitions;

/// <summary>The one spelling in which a column of text holds its values: a name for files and messages, and how a text gets it.</summary>
internal sealed class TextForm
{
    private static readonly Dictionary<string, TextForm> Forms = new TextForm[]
    {
        new("company_domain", text => Domain.TryParse(text, out var domain) && domain.IsCompany ? domain.Value : null),
        new("company_name", text => CompanyName.TryParse(text, out var name) ? name.Display : null),
        new("country", text => Country.TryParse(text, out var country) ? country.Alpha2 : null),
        new("domain", text => Domain.TryParse(text, out var domain) ? domain.Value : null),
        new("email", text => EmailAddress.TryParse(text, out var address) ? address.Value : null),
        new("linkedin", text => LinkedInUrl.TryParse(text, out var url) ? url.Value : null),
        new("person_name", text => PersonName.TryParse(text, out var name) ? name.Full : null),
        new("phone", text => PhoneNumber.TryParse(text, out var number) ? number.E164 : null),
    }.ToDictionary(form => form.Name, StringComparer.Ordinal);

    private readonly Func<string, string?> normalise;

    private TextForm(string name, Func<string, string?> normalise)
    {
        Name = name;
        this.normalise = normalise;
    }

    public static string All { get; } = string.Join(", ", Forms.Keys);

    public string Name { get; }

    public static TextForm? Find(string name) => Forms.GetValueOrDefault(name);

    /// <summary>The text in this form; null if it is nothing of the kind.</summary>
    public string? Of(string text) => normalise(text);
}
