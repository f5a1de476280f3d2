using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>Settings that every declared step has.</summary>
public abstract class HttpOptions : IValidatableObject
{
    private protected HttpOptions()
    {
    }

    /// <summary>What is sent.</summary>
    public required HttpRequestSettings Request { get; init; }

    /// <summary>How it proves who sends it.</summary>
    public HttpAuthentication Authentication { get; init; } = new();

    /// <summary>The password, token or key; see <see cref="Authentication"/>.</summary>
    [Secret]
    public string? Credential { get; init; }

    /// <summary>What of the answer is kept.</summary>
    public HttpAnswerSettings Answer { get; init; } = new();

    /// <summary>What the vendor means by its statuses.</summary>
    public HttpErrorSettings Errors { get; init; } = new();

    /// <summary>What is wrong with the settings, found at launch.</summary>
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) => Problems().Select(problem => new ValidationResult(problem));

    private protected virtual IEnumerable<string> Problems()
    {
        if (Authentication.Kind == HttpAuthenticationKind.None != Credential is null)
        {
            yield return Credential is null
                ? $"Authentication.Kind is {Authentication.Kind}, but there is no Credential. Set it to \"secret:NAME\"."
                : "there is a Credential, but Authentication.Kind does not say where it goes. Set it to Bearer, Basic or Header.";
        }

        if (Request.Method.Length == 0 || !Request.Method.All(char.IsAsciiLetterUpper))
        {
            yield return $"Request.Method is '{Request.Method}': expected such as GET or POST, in capitals.";
        }

        foreach (var problem in UrlTemplate.Problems("Request.Url", Request.Url)
            .Concat(Pointer.Problems("Answer.Fields", Answer.Fields.Values))
            .Concat(Pointer.Problems("Answer.Found", [Answer.Found]))
            .Concat(Pointer.Problems("Answer.Cost", [Answer.Cost])))
        {
            yield return problem;
        }
    }
}
