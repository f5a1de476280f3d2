using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// Reads pipelines from JSON, strictly: an unknown name is an error, because a misspelt condition would otherwise send every row to a paid
/// vendor.
/// </summary>
internal static class PipelineReader
{
    public static PipelineDefinition Read(DefinitionNode root)
    {
        var properties = root.Object("a pipeline", "name", "version", "stages");
        var name = Required(root, properties, "name").Text("the name of the pipeline");
        var stages = Required(root, properties, "stages");
        PipelineBuilder? builder = null;
        properties["name"].Use(_ => builder = new(name));
        if (properties.TryGetValue("version", out var version))
        {
            version.Use(node => builder!.Version(node.Text("a semantic version such as \"1.0.0\"")));
        }

        foreach (var stage in stages.List("a list of stages, each the slug of a step or an object with step"))
        {
            stage.Use(node => ReadStage(builder!, node));
        }

        PipelineDefinition? pipeline = null;
        stages.Use(_ => pipeline = builder!.Build());
        return pipeline!;
    }

    private static void ReadStage(PipelineBuilder pipeline, DefinitionNode node)
    {
        if (node.Element.ValueKind == JsonValueKind.String)
        {
            pipeline.Step(node.Text("the slug of a step"));
            return;
        }

        var properties = node.Object("a stage", "step", "version", "when", "optional", "options", "retry", "timeout");
        var step = Required(node, properties, "step");
        var slug = step.Text("the slug of a step");
        if (Slug.StepProblem(slug) is { } problem)
        {
            throw step.Error(problem);
        }

        pipeline.Step(slug, stage =>
        {
            foreach (var (name, value) in properties)
            {
                value.Use(v => ReadProperty(stage, name, v));
            }
        });
    }

    private static void ReadProperty(StageBuilder stage, string name, DefinitionNode value)
    {
        switch (name)
        {
            case "version": stage.Version(value.Text("a range of versions such as \"[1.0,2.0)\"")); break;
            case "when": stage.When(ConditionReader.Read(value)); break;
            case "optional": stage.Optional(value.Flag()); break;
            case "options": stage.Options(StepSettings.Read(value)); break;
            case "retry": ReadRetry(stage, value.Object("a retry", "tries", "baseDelay", "maxDelay")); break;
            case "timeout": stage.Timeout(value.Duration("a time-out")); break;
        }
    }

    private static void ReadRetry(StageBuilder stage, Dictionary<string, DefinitionNode> properties) => stage.Retry(
        properties.TryGetValue("tries", out var tries) ? tries.Number("a number of tries from 1 to 100") : null,
        properties.TryGetValue("baseDelay", out var first) ? first.Duration("a delay") : null,
        properties.TryGetValue("maxDelay", out var longest) ? longest.Duration("a delay") : null);

    private static DefinitionNode Required(DefinitionNode node, Dictionary<string, DefinitionNode> properties, string name) =>
        properties.TryGetValue(name, out var value) ? value : throw node.Error($"'{name}' is missing.");
}
