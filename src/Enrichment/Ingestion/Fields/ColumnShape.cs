using System.Text.RegularExpressions;
using Enrichment.Normalization;

namespace Enrichment.Ingestion.Fields;

/// <summary>What the first values of a column look like, counted.</summary>
internal sealed partial class ColumnShape
{
    // A few odd cells do not change what a column is.
    private const double Nearly = 0.8;
    private const double Mostly = 0.5;
    private const double Noticeably = 0.3;
    private int _filled;
    private int _emails;
    private int _roleMailboxes;
    private int _personPages;
    private int _companyPages;
    private int _pages;
    private int _numbers;
    private int _spans;
    private int _truthValues;
    private int _statuses;
    private int _dates;
    private int _salutations;
    private int _companyNames;
    private int _severalWords;

    /// <summary>Of a column of which no value was seen.</summary>
    public static ColumnShape Unknown { get; } = new();

    public bool IsPersonPage => Share(_personPages) > Mostly;

    public bool IsCompanyPage => Share(_companyPages) > Mostly;

    public bool IsOfOffices => _emails > 0 && _roleMailboxes > _emails * Mostly;

    public bool IsOfPersons => _emails > 0 && _roleMailboxes < _emails * Mostly;

    public bool IsSalutation => Share(_salutations) >= Nearly;

    public bool IsOfCompanyNames => Share(_companyNames) >= Noticeably;

    public bool IsOfSeveralWords => Share(_severalWords) > Mostly;

    public bool IsNumber => Share(_numbers) >= Nearly;

    public bool IsSpan => Share(_spans) > Mostly;

    public bool IsBlank => _filled == 0;

    public bool IsDate => Share(_dates) >= Nearly;

    /// <summary>Whether the values are surely something else than the field holds. A column without values contradicts nothing.</summary>
    public bool Contradicts(Held held) => held switch
    {
        Held.Text => Share(_emails + _pages + _numbers + _truthValues) >= Nearly,
        Held.Region => Share(_emails + _pages + _numbers + _truthValues + _statuses) >= Nearly,
        Held.Email => Share(_pages + _numbers + _truthValues + _dates) >= Nearly,
        Held.Phone => Share(_emails + _pages + _truthValues) >= Nearly,
        Held.Url => Share(_emails + _numbers + _truthValues + _dates) >= Nearly,
        Held.LinkedIn => Share(_emails + _numbers + _truthValues + _severalWords + _pages - _personPages - _companyPages) >= Nearly,
        _ => false,
    };

    public void Add(string? cell)
    {
        if (BlankText.IsBlank(cell))
        {
            return;
        }

        _filled++;
        var text = cell.Trim();
        var words = FieldVocabulary.Shared;
        if (Email().IsMatch(text))
        {
            _emails++;
            _roleMailboxes += Count(words.RoleMailboxes.Contains(text[..text.IndexOf('@', StringComparison.Ordinal)]));
        }
        else if (Page().IsMatch(text))
        {
            _pages++;
            var kind = LinkedInUrl.TryParse(text, out var url) ? url.Kind : (LinkedInKind?)null;
            _personPages += Count(kind is LinkedInKind.Profile or LinkedInKind.MemberId
                || text.Contains("linkedin.com/sales/people/", StringComparison.OrdinalIgnoreCase));
            _companyPages += Count(kind is LinkedInKind.Company or LinkedInKind.School);
        }
        else if (Date().IsMatch(text))
        {
            _dates++;
        }
        else
        {
            _numbers += Count(Number().IsMatch(text));
            _spans += Count(Span().IsMatch(text));
            _truthValues += Count(TruthValue().IsMatch(text));
            _statuses += Count(words.Statuses.Contains(HeaderName.Normalize(text)));
            _salutations += Count(words.Salutations.Contains(HeaderName.Normalize(text)));
            _companyNames += Count(words.CompanyEndings.Contains(HeaderName.Normalize(text[(text.LastIndexOf(' ') + 1)..]))
                && text.Contains(' ', StringComparison.Ordinal));
            _severalWords += Count(text.Contains(' ', StringComparison.Ordinal));
        }
    }

    private double Share(int count) => _filled == 0 ? 0 : (double)count / _filled;

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
