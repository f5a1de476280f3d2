namespace Enrichment.Ingestion.Fields;

/// <summary>
/// Decides which field each column of a list feeds: by its header, by its values, and by what the other columns say of the list.
/// </summary>
internal sealed class ColumnMeanings
{
    // Behind every header that names the field.
    private const int LastRank = 1000;
    private readonly List<Column> columns = [];
    private readonly List<VocabularyField> told;
    private readonly bool hasCompanyFields;
    private readonly ListKind kind;

    private ColumnMeanings(
        IReadOnlyList<string> headers, ListSample sample, IReadOnlyDictionary<int, string> claimed,
        ListKind? declared, Func<string, HeaderMeaning?> find)
    {
        for (var position = 0; position < headers.Count; position++)
        {
            var meaning = !claimed.TryGetValue(position, out var field) ? find(headers[position])
                : FieldVocabulary.Shared.ByName(field) is { } known ? new(null, [new(known, 0)])
                : null;
            if (meaning is not null)
            {
                columns.Add(new(position, meaning, sample.Shape(position, headers[position])));
            }
        }

        told = [.. columns.Where(column => !column.Meaning.IsAttached).Select(column => column.Meaning.Only).OfType<VocabularyField>()];
        hasCompanyFields = told.Exists(field => field.List == ListKind.Companies);
        kind = KindOf(declared);
    }

    private sealed record Column(int Position, HeaderMeaning Meaning, ColumnShape Shape);

    /// <param name="headers">By position.</param>
    /// <param name="sample">The first values.</param>
    /// <param name="claimed">The columns that the workstream's own headers have claimed already, with their fields.</param>
    /// <param name="declared">The kind of list, if its headers leave that open.</param>
    /// <param name="find">The possible meanings of a header.</param>
    /// <returns>For each other column that is understood its field, and the place of its header among the headers of that field.</returns>
    public static Dictionary<int, (string Field, int Rank)> Of(
        IReadOnlyList<string> headers, ListSample sample, IReadOnlyDictionary<int, string> claimed,
        ListKind? declared, Func<string, HeaderMeaning?> find)
    {
        var meanings = new ColumnMeanings(headers, sample, claimed, declared, find);
        var found = new Dictionary<int, (string, int)>();
        foreach (var column in meanings.columns.Where(column => !claimed.ContainsKey(column.Position)))
        {
            if (meanings.Choose(column) is { } chosen && !column.Shape.Contradicts(chosen.Field.Type))
            {
                found.Add(column.Position, (chosen.Field.Name, chosen.Rank));
            }
        }

        return found;
    }

    /// <summary>Signs of people come first, because a list of people names their companies, too.</summary>
    private ListKind KindOf(ListKind? declared) =>
        IsSurelyOfPersons() ? ListKind.Persons
        : hasCompanyFields ? ListKind.Companies
        : declared is { } kind ? kind
        : In("email").Any(column => column.Shape.IsOfPersons) ? ListKind.Persons
        : NamesCompanies() ? ListKind.Companies
        : ListKind.Persons;

    private bool IsSurelyOfPersons() =>
        told.Exists(field => field.List == ListKind.Persons)
        || (In("title").Any() && !In("name").Any(column => column.Shape.IsOfCompanyNames))
        || In("linkedin", "link").Any(column => column.Shape.IsPersonPage)
        || (In("name").Any() && told.Exists(field => field.Name == "company.name"));

    private bool NamesCompanies() =>
        told.Exists(field => field.Side == ListKind.Companies && field.Name != "company.website")
        || In("linkedin", "link").Any(column => column.Shape.IsCompanyPage)
        || In("name").Any(column => column.Shape.IsOfCompanyNames);

    /// <summary>Columns whose header does not say whose they are.</summary>
    private IEnumerable<Column> In(params string[] groups) =>
        columns.Where(column => column.Meaning.Side is null && groups.Contains(column.Meaning.Group));

    private RankedField? Choose(Column column)
    {
        var (meaning, shape) = (column.Meaning, column.Shape);
        var side = meaning.Side ?? kind;
        return LinkedInPage(meaning, shape) ?? meaning.Group switch
        {
            null or "link" => meaning.Fields[0],
            "name" => side == ListKind.Companies ? Named("company.name") : PersonName(column),
            "title" => Named(shape.IsSalutation ? "person.salutation" : "person.title"),
            "email" => Named(meaning.Side is null && !IsOffice(shape) ? "person.email" : Side("email")),
            "size" => shape.IsNumber ? Named("company.employee_count")
                : shape.IsSpan || shape.IsBlank ? Named("company.size_bucket") : null,
            "funding" => Named(shape.IsDate ? "company.last_funding_date"
                : shape.IsNumber ? "company.latest_funding_amount" : "company.latest_funding_type"),
            _ => Find(ranked => ranked.Field.Side == side),
        };

        string Side(string field) => side == ListKind.Companies ? $"company.{field}" : $"person.{field}";

        RankedField? Named(string field) => Find(ranked => ranked.Field.Name == field);

        RankedField? Find(Func<RankedField, bool> wanted) =>
            meaning.Fields.Where(wanted).Select(ranked => (RankedField?)ranked).FirstOrDefault();
    }

    private bool IsOffice(ColumnShape shape) =>
        kind == ListKind.Companies && (shape.IsOfOffices || (hasCompanyFields && !shape.IsOfPersons));

    /// <summary>An address on LinkedIn itself says whether it is a person's or a company's, whatever the header says.</summary>
    private static RankedField? LinkedInPage(HeaderMeaning meaning, ColumnShape shape)
    {
        var field = shape.IsPersonPage ? "person.linkedin_url" : shape.IsCompanyPage ? "company.linkedin_url" : null;
        if (field is null || !meaning.Fields.Any(ranked => ranked.Field.Type is SemanticType.Url or SemanticType.LinkedIn))
        {
            return null;
        }

        var listed = meaning.Fields.FirstOrDefault(ranked => ranked.Field.Name == field);
        return listed.Field is null ? Last(field) : listed;
    }

    /// <summary>
    /// Beside a first name alone, a "Name" is the last name, as in many German and French lists; and the other way round.
    /// </summary>
    private RankedField? PersonName(Column column)
    {
        if (column.Meaning.Side is null && In("name").MinBy(other => (other.Meaning.Fields[0].Rank, other.Position)) != column)
        {
            return null; // The second of two names may be anybody's.
        }

        var hasFirst = told.Exists(field => field.Name == "person.first_name");
        var hasLast = told.Exists(field => field.Name == "person.last_name");
        return hasFirst == hasLast || column.Shape.IsOfSeveralWords
            ? column.Meaning.Fields.First(ranked => ranked.Field.Name == "person.full_name")
            : Last(hasFirst ? "person.last_name" : "person.first_name");
    }

    private static RankedField Last(string field) => new(FieldVocabulary.Shared.ByName(field)!, LastRank);
}
