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

    private protected override IReadOnlyList<string> Offered =>
        [Placeholders.IdempotencyKey, Placeholders.CallbackUrl, Placeholders.CallbackToken];

    internal override IEnumerable<string> Problems()
    {
        var problems = base.Problems()
            .Concat(Pointer.Problems("callback.reference", [Callback.Reference]))
            .Concat(Pointer.Problems("callback.progress.status", [Callback.Progress.Status]));
        return Hashes.Contains(Callback.Hash)
            ? problems
            : problems.Append($"callback.hash is '{Callback.Hash}': expected {string.Join(", ", Hashes)}.");
    }

    internal override IEnumerable<(string Member, string Problem)> ValueProblems() => base.ValueProblems()
        .Concat(SecretProblems("callbackSecret", CallbackSecret))
        .Concat(SecretProblems("formerCallbackSecret", FormerCallbackSecret));

    private protected override IEnumerable<string> CredentialProblems() =>
        Callback.Signature == HttpSignature.Token != CallbackSecret is null
        ? base.CredentialProblems().Append(CallbackSecret is null
            ? $"callback.signature is {Callback.Signature}, but there is no callbackSecret. Set it to \"secret:NAME\"."
            : "there is a callbackSecret, but callback.signature does not say what it signs. Set it to StandardWebhooks, Hmac or Bearer.")
        : base.CredentialProblems();
}
