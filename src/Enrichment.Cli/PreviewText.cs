namespace Enrichment.Cli;

/// <summary>What a launch would do, in lines.</summary>
internal static class PreviewText
{
    public static Answer Of(LaunchPreview preview) => new(preview, string.Join('\n', Lines(preview)));

    public static Answer Of(QueryLaunchPreview preview) => new(
        preview,
        string.Join(
            '\n',
            preview.Uploads
                .SelectMany(upload => Lines(upload.Value).Prepend($"Upload {upload.Key}:"))
                .Append(LeftOut(preview.Superseded, preview.Pruned))));

    /// <summary>The rows of a table that are not launched.</summary>
    public static string LeftOut(int superseded, int pruned) =>
        $"Left out: {Plural.Of(superseded, "row")} of which a younger batch has the item, {Plural.Of(pruned, "row")} of pruned uploads.";

    private static IEnumerable<string> Lines(LaunchPreview preview)
    {
        yield return $"Pipeline {preview.Pipeline}, {Plural.Of(preview.Rows, "row")}. Nothing was launched.";
        if (preview.Stages.Count == 0)
        {
            yield return "It makes no calls: every step is pure.";
        }

        foreach (var line in preview.Stages.SelectMany(Lines))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Lines(StagePreview stage)
    {
        var entities = stage.Entities is not { } known ? ""
            : $", {Plural.Of(known, "key")}, {stage.Answered:n0} of them with a fresh answer or an open call";
        yield return $"{stage.Stage}. {stage.Step}: {Plural.Of(stage.Rows, "row")}{entities}";
        yield return $"   {Plural.Of(stage.Calls, "call")}, {stage.CallsSaved:n0} saved";
        if (stage.WithoutKey > 0)
        {
            yield return $"   {Plural.Of(stage.WithoutKey, "row")} without a key";
        }

        if (stage.Undecided > 0)
        {
            yield return $"   {Plural.Of(stage.Undecided, "row")} undecided: that depends on answers of earlier stages";
        }

        if (stage.AmbiguousGroups > 0)
        {
            var rows = string.Join("; ", stage.AmbiguousRows.Select(group => string.Join(", ", group)));
            yield return $"   {Plural.Of(stage.AmbiguousGroups, "company", "companies")} probably with several keys, which are not merged: rows {rows}";
        }
    }
}
