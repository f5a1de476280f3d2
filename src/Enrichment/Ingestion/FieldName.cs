using System.Text.RegularExpressions;

namespace Enrichment.Ingestion;

/// <summary>
/// The form of a canonical field's name: segments of small letters, digits and underscores, joined by dots, at least two:
/// <c>company.domain</c>.
/// </summary>
internal static partial class FieldName
{
    public const string Form = "small letters, digits and underscores in two or more segments joined by dots, such as company.domain";

    public static bool IsValid(string name) => name.Length <= 100 && Grammar().IsMatch(name);

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Grammar();
}
