using System.Text.RegularExpressions;

namespace Enrichment;

/// <summary>
/// The forms that names may have, so that they are safe in URLs, file names, environment variables and SQL comments alike.
/// </summary>
internal static partial class Slug
{
    public const int MaxLength = 100;

    /// <summary>The reserved client of the answers that clients share.</summary>
    public const string Shared = "shared";

    /// <summary>What is wrong with the name of a step; null if nothing.</summary>
    public static string? StepProblem(string text) =>
        Problem(text, StepForm(), "the slug of a step", "lower-case words joined by dots or hyphens, such as company.domain");

    /// <summary>What is wrong with the name of a pipeline, client or workstream; null if nothing.</summary>
    public static string? NameProblem(string text, string noun) =>
        Problem(text, NameForm(), noun, "lower-case words joined by dots, hyphens or underscores, such as apollo_scrape");

    /// <summary>Why this client may not upload or launch; null if it may.</summary>
    public static string? ReservedProblem(string client) =>
        client == Shared
            ? $"'{Shared}' is the reserved client of shared answers: it cannot upload, launch or be defined. Choose another slug."
            : null;

    /// <summary>What is wrong with the name of a field; null if nothing.</summary>
    public static string? FieldProblem(string text) =>
        Problem(text, FieldForm(), "a field", "lower-case names joined by dots, such as person.first_name");

    private static string? Problem(string text, Regex form, string noun, string expected) =>
        text.Length <= MaxLength && form.IsMatch(text)
            ? null
            : $"'{Excerpt.Of(text)}' is not {noun}: expected {expected}, at most {MaxLength} characters.";

    [GeneratedRegex(@"^[a-z][a-z0-9]*([.-][a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex StepForm();

    [GeneratedRegex(@"^[a-z][a-z0-9]*([._-][a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex FieldForm();
}
