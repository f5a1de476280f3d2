using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Enrichment.Ingestion.Fields;

/// <summary>The fields that every list may have, and the headers under which they come: <c>fields.json</c>, read once.</summary>
internal sealed class FieldVocabulary
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    private static readonly char[] Digits = [.. "0123456789"];
    private static readonly Lazy<FieldVocabulary> Loaded = new(Load);
    private readonly FrozenDictionary<string, HeaderMeaning> headers;
    private readonly FrozenDictionary<string, VocabularyField> byName;
    private readonly FrozenSet<string> never;
    private readonly string[] personWords;
    private readonly string[] attachedWords;
    private readonly string[] companyWords;

    private FieldVocabulary(VocabularyDocument document)
    {
        Fields = [.. document.Fields.Select(field => Field(field.Key, field.Value))];
        Either = document.Either.ToImmutableSortedDictionary(
            group => group.Key, group => group.Value.ToImmutableArray(), StringComparer.Ordinal);
        byName = Fields.ToFrozenDictionary(field => field.Name, StringComparer.Ordinal);
        headers = Read().ToFrozenDictionary(StringComparer.Ordinal);
        personWords = Words(document.PersonWords);
        attachedWords = Words(document.AttachedPersonWords);
        companyWords = Words(document.CompanyWords);
        Salutations = Words(document.Values.Salutations).ToFrozenSet(StringComparer.Ordinal);
        Statuses = Words(document.Values.Statuses).ToFrozenSet(StringComparer.Ordinal);
        never = document.Never.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        CompanyEndings = Words(document.Values.CompanyEndings).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The one that ships with the engine.</summary>
    public static FieldVocabulary Shared => Loaded.Value;

    /// <summary>The fields in the order of the file.</summary>
    public ImmutableArray<VocabularyField> Fields { get; }

    /// <summary>Headers of both persons and companies, by the name of their list.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Either { get; }

    /// <summary>Mr, Ms, Frau, Mme, in the form of <see cref="HeaderName"/>.</summary>
    public FrozenSet<string> Salutations { get; }

    /// <summary>Open, won, qualified: the state of a lead or a deal, in the same form.</summary>
    public FrozenSet<string> Statuses { get; }

    /// <summary>The ends of company names, in the same form.</summary>
    public FrozenSet<string> CompanyEndings { get; }

    /// <summary>The field of a canonical name; null if there is none.</summary>
    public VocabularyField? ByName(string field) => byName.GetValueOrDefault(field);

    /// <summary>The possible meanings of a header; null if it is not known.</summary>
    public HeaderMeaning? Find(string header)
    {
        if (byName.TryGetValue(header.Trim(), out var own))
        {
            return new(null, [new(own, 0)]);
        }

        if (never.Contains(header.Trim()))
        {
            return null;
        }

        var key = HeaderName.Normalize(header);
        return Plain(key) is { } plain
            ? plain with { IsAttached = HasWord(attachedWords, key) }
            : About(key, attachedWords, ListKind.Persons, attached: true)
                ?? About(key, personWords, ListKind.Persons)
                ?? About(key, companyWords, ListKind.Companies)
                ?? Produced(header.Trim());
    }

    /// <summary>The name of a field that a step of the host produces: an earlier output that is read again.</summary>
    private static HeaderMeaning? Produced(string header) =>
        FieldName.IsValid(header)
            && (header.StartsWith("person.", StringComparison.Ordinal) || header.StartsWith("company.", StringComparison.Ordinal))
            ? new(null, [new(new(header, "", null, SemanticType.Any, []), 0)])
            : null;

    /// <summary>Every header of the table, normalised.</summary>
    public IEnumerable<string> Headers => headers.Keys;

    private HeaderMeaning? Plain(string key) =>
        headers.GetValueOrDefault(key)
        ?? headers.GetValueOrDefault(WithoutNumbers(key))
        ?? Further(key);

    /// <summary>A person may have several numbers and addresses, "Work Email 2"; what else is numbered may be anything.</summary>
    private HeaderMeaning? Further(string key) =>
        headers.TryGetValue(key.TrimEnd(Digits), out var first)
        && first.Fields.All(ranked => ranked.Field.Type is SemanticType.Email or SemanticType.Phone)
            ? first
            : null;

    /// <summary>
    /// A header without the word that names the person or the company: "Lead City", "Phone (Contact)", "Person - Organization".
    /// </summary>
    private HeaderMeaning? About(string key, string[] words, ListKind side, bool attached = false)
    {
        foreach (var word in words)
        {
            if (key.StartsWith(word, StringComparison.Ordinal))
            {
                // "Contact 1: Account Name" is the company of the contact, since it names the company again.
                var rest = key[word.Length..].TrimStart(Digits);
                if (Plain(rest) is { } meaning
                    && (meaning.Of(side, attached) ?? (HasWord(companyWords, rest) ? meaning : null)) is { } named)
                {
                    return named;
                }
            }

            // "Phone (Contact)" needs the word; a "Last Contact" is no name.
            if (key.EndsWith(word, StringComparison.Ordinal) && Plain(key[..^word.Length]) is { } before
                && (before.Group is not null || side == ListKind.Companies) && before.Of(side, attached) is { } said)
            {
                return said;
            }
        }

        return null;
    }

    private static bool HasWord(string[] words, string key) => words.Any(word => key.StartsWith(word, StringComparison.Ordinal));

    private Dictionary<string, HeaderMeaning> Read()
    {
        var found = new Dictionary<string, (string? Group, List<RankedField> Fields)>(StringComparer.Ordinal);
        foreach (var field in Fields)
        {
            var rank = 1; // 0 is the field's own name.
            foreach (var header in field.Headers)
            {
                var group = header[0] == '@' ? header[1..] : null;
                foreach (var alias in group is null ? [header] : Either[group])
                {
                    var key = Key(alias);
                    if (!found.TryGetValue(key, out var meaning))
                    {
                        found.Add(key, meaning = (group, []));
                    }
                    else if (group is null || meaning.Group != group)
                    {
                        throw new InvalidOperationException($"fields.json: the header '{alias}' of {field.Name} occurs twice.");
                    }

                    meaning.Fields.Add(new(field, rank++));
                }
            }
        }

        return found.ToDictionary(
            header => header.Key, header => new HeaderMeaning(header.Value.Group, [.. header.Value.Fields]), StringComparer.Ordinal);
    }

    /// <summary>A number in a header is compared as 0, where the header with its own number is not known.</summary>
    private static string Key(string alias) => HeaderName.Normalize(alias.Replace("{n}", "0", StringComparison.Ordinal));

    private static string WithoutNumbers(string key)
    {
        var text = new StringBuilder(key.Length);
        foreach (var c in key)
        {
            if (!char.IsAsciiDigit(c))
            {
                text.Append(c);
            }
            else if (text.Length == 0 || text[^1] != '0')
            {
                text.Append('0');
            }
        }

        return text.ToString();
    }

    private static string[] Words(string[] words) => [.. words.Select(HeaderName.Normalize).OrderByDescending(word => word.Length)];

    private static VocabularyField Field(string name, FieldDocument field) => new(
        name,
        field.Is,
        field.List is null ? null : Enum.Parse<ListKind>(field.List, ignoreCase: true),
        field.Type is null ? SemanticType.Any : Enum.Parse<SemanticType>(field.Type, ignoreCase: true),
        [.. field.Headers]);

    private static FieldVocabulary Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Enrichment.Ingestion.Fields.fields.json")!;
        return new(JsonSerializer.Deserialize<VocabularyDocument>(stream, Options)!);
    }

    private sealed record VocabularyDocument(
        string[] Never,
        string[] PersonWords,
        string[] AttachedPersonWords,
        string[] CompanyWords,
        OrderedDictionary<string, string[]> Either,
        OrderedDictionary<string, FieldDocument> Fields,
        ValuesDocument Values);

    private sealed record FieldDocument(string Is, string[] Headers, string? List = null, string? Type = null);

    private sealed record ValuesDocument(string[] Salutations, string[] Statuses, string[] CompanyEndings);
}
