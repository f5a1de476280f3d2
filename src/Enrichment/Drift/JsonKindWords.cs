namespace Enrichment.Drift;

internal static class JsonKindWords
{
    /// <summary>The kind as JSON calls it.</summary>
    public static string Word(this JsonKind kind) => kind switch
    {
        JsonKind.Object => "object",
        JsonKind.Array => "array",
        JsonKind.String => "string",
        JsonKind.Number => "number",
        JsonKind.Boolean => "boolean",
        _ => "null",
    };
}
