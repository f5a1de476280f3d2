using System.Text.RegularExpressions;
using Enrichment.Normalization;

namespace Enrichment.Ingestion.Fields;

/// <summary>What the first values of a column look like, counted.</summary>
internal sealed partial class ColumnShape
{
    // A few odd cells do not change the kind of a column.
    private const double Nearly = 0.8;
    private const double Mostly = 0.5;
    private const double Noticeably = 0.3;
    private int filled;
    private int emails;
    private int roleMailboxes;
    private int personPages;
    private int companyPages;
    private int pages;
    private int numbers;
    private int spans;
    private int truthValues;
    private int statuses;
    private int dates;
    private int salutations;
    private int companyNames;
    private int severalWords;

    /// <summary>Of a column of which no value was seen.</summary>
    public static ColumnShape Unknown { get; } = new();

    public bool IsPersonPage => Share(personPages) > Mostly;

    public bool IsCompanyPage => Share(companyPages) > Mostly;

    public bool IsOfOffices => emails > 0 && roleMailboxes > emails * Mostly;

    public bool IsOfPersons => emails > 0 && roleMailboxes < emails * Mostly;

    public bool IsSalutation => Share(salutations) >= Nearly;

    public bool IsOfCompanyNames => Share(companyNames) >= Noticeably;

    public bool IsOfSeveralWords => Share(severalWords) > Mostly;

    public bool IsNumber => Share(numbers) >= Nearly;

    public bool IsSpan => Share(spans) > Mostly;

    public bool IsBlank => filled == 0;

    public bool IsDate => Share(dates) >= Nearly;

    /// <summary>Whether the values are surely something else than the field holds. A column without values contradicts nothing.</summary>
    public bool Contradicts(SemanticType type) => type switch
    {
        SemanticType.Text => Share(emails + pages + numbers + truthValues) >= Nearly,
        SemanticType.Region => Share(emails + pages + numbers + truthValues + statuses) >= Nearly,
        SemanticType.Email => Share(pages + numbers + truthValues + dates) >= Nearly,
        SemanticType.Phone => Share(emails + pages + truthValues) >= Nearly,
        SemanticType.Url => Share(emails + numbers + truthValues + dates) >= Nearly,
        SemanticType.LinkedIn => Share(emails + numbers + truthValues + severalWords + pages - personPages - companyPages) >= Nearly,
        _ => false,
    };

    public void Add(string? cell)
    {
        if (BlankText.IsBlank(cell))
        {
            return;
        }

        filled++;
        var text = cell.Trim();
        var words = FieldVocabulary.Shared;
        if (Email().IsMatch(text))
        {
            emails++;
            roleMailboxes += Count(EmailAddress.TryParse(text, out var address) && address.IsRole);
        }
        else if (Page().IsMatch(text))
        {
            pages++;
            var kind = LinkedInUrl.TryParse(text, out var url) ? url.Kind : (LinkedInKind?)null;
            personPages += Count(kind is LinkedInKind.Profile or LinkedInKind.MemberId
                || text.Contains("linkedin.com/sales/people/", StringComparison.OrdinalIgnoreCase));
            companyPages += Count(kind is LinkedInKind.Company or LinkedInKind.School);
        }
        else if (Date().IsMatch(text))
        {
            dates++;
        }
        else
        {
            numbers += Count(Number().IsMatch(text));
            spans += Count(Span().IsMatch(text));
            truthValues += Count(TruthValue().IsMatch(text));
            statuses += Count(words.Statuses.Contains(HeaderName.Normalize(text)));
            salutations += Count(words.Salutations.Contains(HeaderName.Normalize(text)));
            companyNames += Count(words.CompanyEndings.Contains(HeaderName.Normalize(text[(text.LastIndexOf(' ') + 1)..]))
                && text.Contains(' ', StringComparison.Ordinal));
            severalWords += Count(text.Contains(' ', StringComparison.Ordinal));
        }
    }

    private double Share(int count) => filled == 0 ? 0 : (double)count / filled;

    private static int Count(bool seen) => seen ? 1 : 0;

    [GeneratedRegex(@"\A[^@\s]+@[^@\s]+\.[^@\s]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    [GeneratedRegex(@"\A(https?://\S+|(www\.)?([\w-]+\.)+[a-z]{2,}(/\S*)?)\z", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Page();

    [GeneratedRegex(@"\A\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([ T].*)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Date();

    [GeneratedRegex(@"\A[+-]?[\d.,' ]*\d[\d.,' ]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    [GeneratedRegex(@"\A\D{0,3}[\d.,kKmM]+ ?(-|–|to|bis|à|a) ?\D{0,2}[\d.,kKmM]+.*\z|\A[\d.,]+ ?[kKmM]?\+.*\z",
        RegexOptions.NonBacktracking)]
    private static partial Regex Span();

    [GeneratedRegex(@"\A(true|false|yes|no|y|n|ja|nein|oui|non|si|sí|valid|invalid|verified|unverified|opt-?in|opt-?out)\z",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex TruthValue();
}
