using System.Collections.Immutable;
using NuGet.Versioning;

namespace Enrichment.Pipelines;

/// <summary>Describes a pipeline stage by stage. Every method refuses what cannot be with an <see cref="EnrichmentException"/>.</summary>
public sealed class PipelineBuilder
{
    /// <summary>How many stages a pipeline may have.</summary>
    internal const int MaxStages = 1000;

    private readonly string name;
    private readonly ImmutableArray<StageDefinition>.Builder stages = ImmutableArray.CreateBuilder<StageDefinition>();
    private string version = "1.0.0";

    internal PipelineBuilder(string name)
    {
        if (Slug.NameProblem(name, "the name of a pipeline") is { } problem)
        {
            throw new EnrichmentException(problem);
        }

        this.name = name;
    }

    /// <summary>Says which version of the pipeline this is (semver.org). Default: 1.0.0.</summary>
    public PipelineBuilder Version(string version)
    {
        if (!SemanticVersion.TryParse(version, out _))
        {
            throw new EnrichmentException($"'{Excerpt.Of(version)}' is not a semantic version such as 1.0.0.");
        }

        this.version = version;
        return this;
    }

    /// <summary>Adds a stage. Several stages may have the same step.</summary>
    /// <param name="step">The step's slug.</param>
    /// <param name="configure">Its settings in this pipeline; null: none.</param>
    public PipelineBuilder Step(string step, Action<StageBuilder>? configure = null)
    {
        if (stages.Count == MaxStages)
        {
            throw new EnrichmentException($"Pipeline '{name}' has more than {MaxStages} stages. Divide it.");
        }

        var stage = new StageBuilder(step);
        configure?.Invoke(stage);
        stages.Add(stage.Build());
        return this;
    }

    internal PipelineDefinition Build() => stages.Count > 0
        ? new(name, version, stages.ToImmutable())
        : throw new EnrichmentException($"Pipeline '{name}' has no stages. Add at least one, such as \"company.domain\".");
}
