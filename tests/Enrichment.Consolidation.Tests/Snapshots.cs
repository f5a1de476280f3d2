using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Tests;

/// <summary>The snapshot of a pipeline whose steps matter only by what they produce.</summary>
internal static class Snapshots
{
    public static string Of(params (string Step, string[] Produces)[] stages) => Of("leads", stages);

    public static string Of(string workstream, params (string Step, string[] Produces)[] stages) =>
        new PipelineSnapshot
        {
            Pipeline = "test",
            PipelineVersion = "1.0.0",
            Workstream = workstream,
            WorkstreamVersion = "1",
            Stages =
            [
                .. stages.Select(stage => new StageSnapshot
                {
                    Manifest = new()
                    {
                        Slug = stage.Step,
                        Version = "1.0.0",
                        Produces = [.. stage.Produces.Select(ProducedField.Parse)],
                        Effects = stage.Step.StartsWith("vendor.", StringComparison.Ordinal) ? Effects.Review : Effects.Pure,
                    },
                    Retry = new() { MaxTries = 1 },
                    Timeout = TimeSpan.FromSeconds(1),
                }),
            ],
        }.ToJson();
}
