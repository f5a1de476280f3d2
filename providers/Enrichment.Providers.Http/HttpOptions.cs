using System.ComponentModel.DataAnnotations;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>Settings that every declared step has.</summary>
public abstract class HttpOptions : IValidatableObject
{
    private protected HttpOptions()
    {
    }

    /// <summary>The request.</summary>
    public required HttpRequestSettings Request { get; init; }

    /// <summary>How it authenticates itself.</summary>
    public HttpAuthentication Authentication { get; init; } = new();

    /// <summary>The password, token or key; see <see cref="Authentication"/>.</summary>
    [Secret]
    public string? Credential { get; init; }

    /// <summary>What of the answer is kept.</summary>
    public HttpAnswerSettings Answer { get; init; } = new();

    /// <summary>What the vendor means by its statuses.</summary>
    public HttpErrorSettings Errors { get; init; } = new();

    /// <summary>
    /// Whether any status of success means that the vendor took the call, whatever the body is: the answer comes later.
    /// </summary>
    internal virtual bool TakesSilently => false;

    /// <summary>The placeholders of this kind of step, besides the record's.</summary>
    private protected virtual IReadOnlyList<string> Offered => [Placeholders.IdempotencyKey];

    /// <summary>What is wrong with the settings, found at launch.</summary>
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) => CredentialProblems()
        .Concat(Problems())
        .Concat(validationContext.GetService(typeof(StepManifest)) is StepManifest manifest ? Undeclared(manifest) : [])
        .Concat(validationContext.GetService(typeof(OutboundHttp)) is OutboundHttp http ? Unreachable(http) : [])
        .Select(problem => new ValidationResult(problem))
        .Concat(ValueProblems().Select(problem => new ValidationResult(problem.Problem, [problem.Member])));

    /// <summary>
    /// What the settings say that cannot be, apart from credentials and from what the step declares. Each begins with the setting's name.
    /// </summary>
    internal virtual IEnumerable<string> Problems()
    {
        if (Request.Method.Length == 0 || !Request.Method.All(char.IsAsciiLetterUpper))
        {
            yield return $"request.method is '{Request.Method}': expected such as GET or POST, in capitals.";
        }

        foreach (var problem in UrlTemplate.Problems("request.url", Request.Url)
            .Concat(Pointer.Problems("answer.fields", Answer.Fields.Values))
            .Concat(Pointer.Problems("answer.found", [Answer.Found]))
            .Concat(Pointer.Problems("answer.cost", [Answer.Cost])))
        {
            yield return problem;
        }

        var own = Request.Headers.Keys.Where(name => !Header.IsContentType(name));
        var idempotency = Request.IdempotencyHeader;
        var problems = own.SelectMany(name => Header.NameProblems("request.headers", name))
            .Concat(idempotency.Length == 0 ? [] : Header.NameProblems("request.idempotencyHeader", idempotency))
            .Concat(Header.NameProblems("authentication.header", Authentication.Header));
        foreach (var problem in problems)
        {
            yield return problem;
        }

        foreach (var problem in Texts().SelectMany(text => new Template(text.Text).Problems(text.Setting)).Distinct())
        {
            yield return problem;
        }

        var unknown = Names()
            .Where(use => !Placeholders.IsField(use.Name) && !Placeholders.IsColumn(use.Name) && !Offered.Contains(use.Name))
            .Distinct();
        foreach (var (setting, name) in unknown)
        {
            yield return $"{setting} holds {{{{{name}}}}}, which a step of this kind does not have; it has {string.Join(", ", Offered.Select(offered => $"{{{{{offered}}}}}"))}.";
        }
    }

    /// <summary>
    /// Fixed values that could only fail at run time, each with the path of its setting, by which the engine names the secret behind it.
    /// Values are never told.
    /// </summary>
    internal virtual IEnumerable<(string Member, string Problem)> ValueProblems() =>
        SecretProblems(
                "credential",
                Credential,
                inHeader: Authentication.Kind is HttpAuthenticationKind.Bearer or HttpAuthenticationKind.Header)
            .Concat(
                Request.Headers.SelectMany(header =>
                    Header
                        .ValueProblems("request.headers", header.Key, header.Value)
                        .Select(problem => ($"request.headers.{header.Key}", problem))));

    private protected static IEnumerable<(string Member, string Problem)> SecretProblems(
        string setting,
        string? value,
        bool inHeader = false) =>
        value switch
        {
            null => [],
            _ when string.IsNullOrWhiteSpace(value) => [(setting, $"{setting} is empty.")],
            _ when value != value.Trim() => [(setting, $"{setting} begins or ends with white space, such as the line end of a file.")],
            _ when value.AsSpan().ContainsAny('\r', '\n') => [(setting, $"{setting} holds a line end.")],
            _ when inHeader && !Header.Carries(value) =>
            [
                (setting, $"{setting} holds a character that no header can carry: it has to be ASCII."),
            ],
            _ => [],
        };

    /// <summary>
    /// What the settings use without the step having declared it: preflight could not be believed. Each begins with the setting's name.
    /// </summary>
    internal IEnumerable<string> Undeclared(StepManifest step)
    {
        foreach (var (setting, name) in Names().Where(use => Placeholders.IsField(use.Name) && !step.Reads.Contains(use.Name)).Distinct())
        {
            yield return $"{setting} holds {{{{{name}}}}}, but step '{step.Slug}' does not declare that it reads '{name}'. It reads {List(step.Reads)}. Correct the name, or add it to what the step reads.";
        }

        foreach (var (setting, name) in Names().Where(use => step.Entity is not null && Placeholders.IsColumn(use.Name)).Distinct())
        {
            yield return $"{setting} holds {{{{{name}}}}}, but step '{step.Slug}' has an entity: its call serves many items, and gets only the fields that the step reads, no column. Map the column to a field, and read that.";
        }

        var produced = step.Produces.Select(field => field.Field).ToList();
        foreach (var name in Answer.Fields.Keys.Except(produced))
        {
            yield return $"answer.fields names '{name}', but step '{step.Slug}' does not declare that it produces it. It produces {List(produced)}. Correct the name, or add it to what the step produces.";
        }
    }

    /// <summary>The addresses that are called, each with its setting.</summary>
    private protected virtual IEnumerable<(string Setting, string Url)> Addresses() => [("request.url", Request.Url)];

    private IEnumerable<string> Unreachable(OutboundHttp http) =>
        Addresses()
            .Where(address => UrlTemplate.Host(address.Url) is { } host && http.Refusal(host) is not null)
            .Select(address =>
                $"{address.Setting} leads to {UrlTemplate.Host(address.Url)!.GetLeftPart(UriPartial.Authority)}, where every call would be refused: {http.Refusal(UrlTemplate.Host(address.Url)!)}");

    private protected virtual IEnumerable<string> CredentialProblems()
    {
        if (Authentication.Kind == HttpAuthenticationKind.None != Credential is null)
        {
            yield return Credential is null
                ? $"authentication.kind is {Authentication.Kind}, but there is no credential. Set it to \"secret:NAME\"."
                : "there is a credential, but authentication.kind does not say where it goes. Set it to Bearer, Basic, Header or Query.";
        }
    }

    /// <summary>The texts that may hold placeholders, each with its setting.</summary>
    private protected virtual IEnumerable<(string Setting, string Text)> Texts() => RequestTexts();

    /// <summary>The placeholders that an item fills, each with its setting.</summary>
    private protected virtual IEnumerable<(string Setting, string Name)> Names() => NamesIn(RequestTexts());

    private protected IEnumerable<(string Setting, string Text)> RequestTexts() =>
        Request
            .Headers.Values.Select(text => ("request.headers", text))
            .Prepend(("request.url", Request.Url))
            .Concat((Request.Body is { } body ? JsonTemplate.Texts(body) : []).Select(text => ("request.body", text)));

    private protected static IEnumerable<(string Setting, string Name)> NamesIn(IEnumerable<(string Setting, string Text)> texts) =>
        texts.SelectMany(text => new Template(text.Text).Names.Select(name => (text.Setting, name)));

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "nothing" : string.Join(", ", names);
}
