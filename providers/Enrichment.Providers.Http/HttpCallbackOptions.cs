using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>Settings of a <see cref="HttpCallbackStep"/>.</summary>
public sealed class HttpCallbackOptions : HttpOptions
{
    private static readonly string[] Hashes = ["SHA1", "SHA256", "SHA384", "SHA512"];

    /// <summary>How the answer is delivered.</summary>
    public HttpCallbackSettings Callback { get; init; } = new();

    /// <summary>The secret of the deliveries' signatures; null where the token alone serves.</summary>
    [Secret]
    public string? CallbackSecret { get; init; }

    /// <summary>The secret before its rotation, as long as deliveries signed with it may come. Null: there is none.</summary>
    [Secret]
    public string? FormerCallbackSecret { get; init; }

    internal override bool TakesSilently => true;

    private protected override IReadOnlyList<string> Offered => [Placeholders.IdempotencyKey, Placeholders.CallbackUrl, Placeholders.CallbackToken];

    internal override IEnumerable<string> Problems()
    {
        var problems = base.Problems()
            .Concat(Pointer.Problems("Callback.Reference", [Callback.Reference]))
            .Concat(Pointer.Problems("Callback.Progress.Status", [Callback.Progress.Status]));
        return Hashes.Contains(Callback.Hash) ? problems : problems.Append($"Callback.Hash is '{Callback.Hash}': expected {string.Join(", ", Hashes)}.");
    }

    internal override IEnumerable<(string Member, string Problem)> ValueProblems() => base.ValueProblems()
        .Concat(SecretProblems(nameof(CallbackSecret), CallbackSecret))
        .Concat(SecretProblems(nameof(FormerCallbackSecret), FormerCallbackSecret));

    private protected override IEnumerable<string> CredentialProblems() => Callback.Signature == HttpSignature.Token != CallbackSecret is null
        ? base.CredentialProblems().Append(CallbackSecret is null
            ? $"Callback.Signature is {Callback.Signature}, but there is no CallbackSecret. Set it to \"secret:NAME\"."
            : "there is a CallbackSecret, but Callback.Signature does not say what it signs. Set it to StandardWebhooks, Hmac or Bearer.")
        : base.CredentialProblems();
}
