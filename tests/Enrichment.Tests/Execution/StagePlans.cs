using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Tests.Pipelines;

namespace Enrichment.Tests.Execution;

/// <summary>Stages for tests, made the way the engine makes them.</summary>
internal static class StagePlans
{
    /// <summary>The only stage of a pipeline of one step.</summary>
    /// <param name="fields">What the columns of the rows are called.</param>
    public static StagePlan Of<TStep>(params string[] fields)
        where TStep : class, IEnrichmentStep => With<TStep>(null, fields);

    /// <summary>As <see cref="Of"/>, with settings.</summary>
    public static StagePlan With<TStep>(object? options, params string[] fields)
        where TStep : class, IEnrichmentStep
    {
        var step = StepDescriptor.Of<TStep>();
        var snapshot = Bindings.Snapshot(
            new()
            {
                Pipeline = PipelineDefinition.Create("one", p => p.Step(step.Manifest.Slug, s => _ = options is null ? s : s.Options(options))),
                Steps = new([step]),
                Workstream = "any",
                WorkstreamVersion = "1",
                Fields = fields,
                Secrets = (_, _) => new("k3y"),
            });
        var upload = new Upload
        {
            Key = 1,
            Id = Guid.Empty,
            Client = "acme",
            Workstream = "any",
            WorkstreamVersion = "1",
            SizeBytes = 0,
            Sha256 = ReadOnlyMemory<byte>.Empty,
            Columns = fields,
            HeaderMap = fields.Index().ToDictionary(field => field.Item, field => (IReadOnlyList<int>)[field.Index]),
            Report = "{}",
            Accepted = 20,
            Rejected = 0,
            SealedAt = DateTimeOffset.UnixEpoch,
        };
        var batch = new Batch
        {
            Key = 1,
            Id = Guid.Empty,
            Client = "acme",
            UploadId = Guid.Empty,
            Upload = 1,
            Pipeline = "one",
            Snapshot = snapshot.ToJson(),
            LaunchKey = "once",
            Status = BatchStatus.Running,
            Priority = 10,
            Version = 1,
            Items = 20,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        return new(batch, upload, snapshot, 1, new());
    }
}
