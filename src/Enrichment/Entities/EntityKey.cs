using System.Security.Cryptography;
using System.Text;
using Enrichment.Normalization;

namespace Enrichment.Entities;

/// <summary>What tells entities of a kind apart: one spelling for what means the same.</summary>
internal static class EntityKey
{
    /// <summary>A longer key is replaced by its hash, so that every index can hold it.</summary>
    public const int MaxLength = 200;

    private const string Company = "company";

    /// <summary>The key of the entity that a record is about; null if none of the fields gives one.</summary>
    public static string? Of(StepEntity entity, EnrichmentRecord record)
    {
        var key = First(entity.Keys, record, entity.Kind);
        if (key is null && entity.CompanyKeys.Count > 0 && First(entity.CompanyKeys, record, Company) is { } company)
        {
            key = First(entity.Keys, record, entity.Kind, company);
        }

        return key is null || key.Length <= MaxLength ? key : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    /// <summary>
    /// The key of an answer that clients share: it depends on everything that the call is told, so that no client is given what text of
    /// another's has led to.
    /// </summary>
    /// <param name="entity">The key of the entity.</param>
    /// <param name="row">What the call is told.</param>
    public static string Of(string entity, ReadOnlyMemory<byte> row) =>
        $"{entity}#{Convert.ToHexStringLower(SHA256.HashData(row.Span).AsSpan(0, 16))}";

    private static string? First(IReadOnlyList<string> fields, EnrichmentRecord record, string kind, string? company = null)
    {
        foreach (var field in fields)
        {
            if (record.Text(field) is { } text && Canonical(kind, text, company) is { } key)
            {
                return key;
            }
        }

        return null;
    }

    // A field may hold any of the forms of its kind: an address of the web and one of mail are told apart by the text.
    private static string? Canonical(string kind, string text, string? company) =>
        kind switch
        {
            Company => CompanyKey.Of(text, text, text),
            "person" => company is null ? PersonKey.Of(text, text) : PersonKey.Of(null, name: text, company: company),
            "email" => EmailAddress.TryParse(text, out var address) ? address.Value : null,
            _ => text.Trim() is { Length: > 0 } plain ? plain.ToLowerInvariant() : null,
        };
}
