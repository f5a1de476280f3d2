using System.Security.Cryptography;
using System.Text;
using Enrichment.Normalization;

namespace Enrichment.Entities;

/// <summary>What tells entities of a kind apart: one spelling for what means the same.</summary>
internal static class EntityKey
{
    /// <summary>A longer key is replaced by its hash, so that every index can hold it.</summary>
    public const int MaxLength = 200;

    /// <summary>The key of the entity that a record is about; null if none of the fields gives one.</summary>
    public static string? Of(StepEntity entity, EnrichmentRecord record)
    {
        foreach (var field in entity.Keys)
        {
            if (record.Text(field) is { } text && Canonical(entity.Kind, text) is { } key)
            {
                return key.Length <= MaxLength ? key : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
            }
        }

        return null;
    }

    /// <summary>
    /// The key of an answer that clients share: it depends on everything that the call is told, so that no client is given what text of
    /// another's has led to.
    /// </summary>
    /// <param name="entity">The key of the entity.</param>
    /// <param name="row">What the call is told.</param>
    public static string Of(string entity, ReadOnlyMemory<byte> row) =>
        $"{entity}#{Convert.ToHexStringLower(SHA256.HashData(row.Span).AsSpan(0, 16))}";

    private static string? Canonical(string kind, string text) =>
        kind switch
        {
            "company" => Domain.TryParse(text, out var domain) && domain.IsCompany ? domain.Value : null,
            "person" => LinkedInUrl.TryParse(text, out var profile) && profile.Kind is LinkedInKind.Profile or LinkedInKind.MemberId
                ? profile.Value
                : Address(text),
            "email" => Address(text),
            _ => text.Trim() is { Length: > 0 } plain ? plain.ToLowerInvariant() : null,
        };

    private static string? Address(string text) => EmailAddress.TryParse(text, out var address) ? address.Value : null;
}
