using System.ComponentModel.DataAnnotations;

namespace Enrichment.Providers.Clay;

/// <summary>Settings of <see cref="ClayCompanyStep"/> and <see cref="ClayPersonStep"/>: each needs a table of its own.</summary>
public sealed class ClayOptions : IValidatableObject
{
    /// <summary>The address of the table's webhook. A secret: anybody that knows it can fill the table, and spend its credits.</summary>
    [Secret]
    public required string WebhookUrl { get; init; }

    /// <summary>The webhook's authentication token, sent as <c>x-clay-webhook-auth</c>; null for a webhook without one.</summary>
    [Secret]
    public string? WebhookAuth { get; init; }

    /// <summary>
    /// What the table's HTTP API column sends as <c>Authorization: Bearer</c>. Null: only the token of each call proves a delivery, so
    /// anybody that has seen a row of the table can answer for it.
    /// </summary>
    [Secret]
    public string? DeliverySecret { get; init; }

    // Says nothing of the value: it is a secret.
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) =>
        Uri.TryCreate(WebhookUrl, UriKind.Absolute, out var uri) && uri.Scheme is ("https" or "http")
            ? []
            : [new("webhookUrl is not an address. Copy it from the webhook of the Clay table, and give it to the host as a secret.")];
}
