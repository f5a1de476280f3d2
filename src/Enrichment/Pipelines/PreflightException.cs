namespace Enrichment.Pipelines;

/// <summary>A launch was refused before it began. Lists everything that is wrong, not only the first.</summary>
public sealed class PreflightException : EnrichmentException
{
    internal PreflightException(IReadOnlyList<(Guid Upload, PreflightException Refusal)> refusals)
        : base(Text(refusals)) => Problems = [.. refusals.SelectMany(part => part.Refusal.Problems).Distinct(StringComparer.Ordinal)];

    internal PreflightException(PipelineDefinition pipeline, IReadOnlyList<string> problems)
        : base(Text(pipeline, problems))
    {
        Problems = problems;
    }

    /// <summary>The problems, each with its correction.</summary>
    public IReadOnlyList<string> Problems { get; }

    private static string Text(PipelineDefinition pipeline, IReadOnlyList<string> problems) =>
        $"Pipeline '{pipeline.Name}' {pipeline.Version} cannot be launched: {(problems.Count == 1 ? "1 problem" : $"{problems.Count} problems")}."
        + string.Concat(problems.Select((problem, index) => $"\n{index + 1}. {problem}"));

    private static string Text(IReadOnlyList<(Guid Upload, PreflightException Refusal)> refusals) => string.Join(
        '\n',
        refusals.GroupBy(part => part.Refusal.Message, StringComparer.Ordinal).Select(same =>
            $"Rows of {(same.Count() == 1 ? $"upload {same.First().Upload}" : $"{same.Count()} uploads, {same.First().Upload} and others")}: {same.Key}"));
}
