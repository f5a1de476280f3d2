using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;
using Enrichment.Diagnostics;
using Enrichment.Hosting;
using Enrichment.Storage;

namespace Enrichment.Consolidation.Tests;

/// <summary>A fresh store, and the verbs by which tests fill and read it.</summary>
public abstract class Ground : IAsyncDisposable
{
    /// <summary>As an answer: the vendor found nothing.</summary>
    public const string Nothing = "nothing";

    private static readonly Telemetry Telemetry = new(TimeProvider.System);

    private int launches;

    /// <summary>The day from which rows are read.</summary>
    public DateOnly AsOf { get; set; } = new(2026, 11, 30);

    internal abstract IEnrichmentStore Store { get; }

    /// <summary>Runs a statement past the store; <c>{schema}.</c> stands for where its tables are. Returns the first value.</summary>
    public abstract Task<object?> RawAsync(string sql);

    /// <summary>A time in SQL, some days before now.</summary>
    public abstract string DaysAgo(int days);

    public abstract ValueTask DisposeAsync();

    /// <summary>Uploads rows.</summary>
    public Task<Upload> UploadAsync(string client, string[] columns, Dictionary<string, int[]> headerMap, string?[][] rows) =>
        UploadJsonAsync(client, columns, headerMap, [.. rows.Select(row => JsonSerializer.Serialize(row))]);

    /// <summary>Uploads rows whose cells may be any JSON.</summary>
    public async Task<Upload> UploadJsonAsync(
        string client, string[] columns, Dictionary<string, int[]> headerMap, string[] rows, string workstream = "leads")
    {
        var staging = await Store.BeginUploadAsync(new(client, workstream, "1", "leads.csv"), default);
        await Store.StageAsync(
            staging,
            [.. rows.Select((row, index) => new StagedRow(index + 1, Encoding.UTF8.GetBytes(row)))],
            [],
            default);
        return await Store.SealAsync(
            staging,
            new()
            {
                SizeBytes = 1,
                Sha256 = SHA256.HashData([]),
                Fingerprint = Guid.CreateVersion7().ToByteArray(),
                Columns = columns,
                HeaderMap = headerMap.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<int>)pair.Value),
                Report = "{}",
                Accepted = rows.Length,
                Rejected = 0,
            },
            default);
    }

    /// <summary>Launches a batch of all rows, its stages each of a step with its produced fields.</summary>
    public Task<Batch> LaunchAsync(Upload upload, params (string Step, string[] Produces)[] stages) =>
        LaunchAsync(upload, "leads", stages);

    /// <summary>The same of another workstream.</summary>
    public Task<Batch> LaunchAsync(Upload upload, string workstream, params (string Step, string[] Produces)[] stages) =>
        Store.LaunchAsync(Request(upload, workstream, stages), null, default);

    private LaunchRequest Request(Upload upload, string workstream, (string Step, string[] Produces)[] stages) => new()
    {
        Id = Guid.CreateVersion7(),
        Client = upload.Client,
        Upload = upload.Key,
        Key = string.Create(CultureInfo.InvariantCulture, $"launch {++launches}"),
        RequestHash = SHA256.HashData([]),
        Pipeline = "test",
        Snapshot = Snapshots.Of(workstream, stages),
    };

    /// <summary>
    /// Completes a stage of every item with what <paramref name="answer"/> gives for it; items without an answer fail, and go on
    /// unless <paramref name="failedStay"/>.
    /// </summary>
    public async Task AnswerAsync(Batch batch, short stage, bool last, Func<int, string?> answer, bool failedStay = false)
    {
        foreach (
            var candidate in (await Store.FindCandidatesAsync(batch.Key, [], 1000, default)).Where(candidate =>
                candidate.Range.Stage == stage))
        {
            var request = new ClaimRequest
            {
                Candidate = candidate,
                Owner = "test",
                Lease = TimeSpan.FromMinutes(1),
                Limit = 2000,
                ByteLimit = 1 << 28,
                Upload = batch.Upload,
                Sources = [],
            };
            while (await Store.ClaimAsync(request, default) is { } claim)
            {
                await Store.CommitAsync(
                    new(claim.Lease, "test", false, [.. claim.Items.Select(item => Outcome(item, answer(item.Item), last, failedStay))]),
                    default);
                await Store.ReleaseAsync(claim.Lease, false, default);
                request = request with { Candidate = new(candidate.Range, claim.Lease.Token) };
            }
        }
    }

    /// <summary>Ends a batch that has nothing left to do, and takes its items, states and results.</summary>
    public async Task PruneAsync(Batch batch)
    {
        await Store.CompleteBatchesAsync(default);
        Assert.True(await Store.MarkPrunedAsync(await Store.LoadBatchAsync(batch.Key, default), "{}", default));
        await foreach (var _ in Store.DeletePrunedAsync(batch, default))
        {
        }
    }

    public async Task<List<object?[]>> RowsAsync(Projection projection, string client = "acme", Guid? batch = null)
    {
        var rows = new List<object?[]>();
        await foreach (var row in Store.ReadProjectionAsync(projection, client, batch, AsOf, default))
        {
            rows.Add([.. row.Values]);
        }

        return rows;
    }

    public async Task<List<ProjectedRow>> ChildrenAsync(Projection projection, string child, string client = "acme") =>
        await Store.ReadChildrenAsync(projection, projection.ChildNamed(child), client, null, default).ToListAsync();

    public async Task<List<ProjectionIssue>> IssuesAsync(Projection projection, string client = "acme")
    {
        var issues = new List<ProjectionIssue>();
        await foreach (var issue in Store.ReadIssuesAsync(projection, client, null, default))
        {
            issues.Add(issue);
        }

        return issues;
    }

    /// <summary>
    /// What rows have of their origins, without the version that made them, by batch and item. Of a table by key those of all items, then
    /// those of the rows that they fold to.
    /// </summary>
    public Task<List<(int Batch, int Item, string Origin)>> OriginsAsync(Projection projection) => Store.LookAsync(
        projection.Name,
        async session =>
        {
            var live = (await ProjectionRegistry.ReadAsync(session, projection, default))!.Live;
            var origins = new List<(int, int, string)>();
            foreach (var table in new[] { live.Items, live.Table }.Distinct())
            {
                await using var command = session.Command(
                    $"select batch, item, row_origin from {session.Dialect.Table(table)} order by batch, item", []);
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    var bytes = reader.GetFieldValue<byte[]>(2);
                    Assert.InRange(RowOrigin.VersionOf(bytes), 1, 127);
                    origins.Add((
                        reader.GetInt32(0),
                        reader.GetInt32(1),
                        table == live.Table && projection.FoldsColumns ? Folded(bytes) : Convert.ToHexString(bytes.AsSpan(1))));
                }
            }

            return origins;

            // Stores number batches each in its own way.
            string Folded(byte[] bytes)
            {
                var batches = origins.Select(row => row.Item1).Distinct().Order().ToList();
                var origin = FoldOrigin.Read(bytes);
                return $"{string.Join(' ', origin.Items.Select(item => (batches.IndexOf(item.Batch), item.Item)))} {Convert.ToHexString(origin.Places)}";
            }
        },
        default);

    /// <summary>A query of a client's rows.</summary>
    public ProjectionQuery Ask(Projection projection, string client = "acme") =>
        new ProjectionQuery(Store, Store, TimeProvider.System, Telemetry, projection, client).AsOf(AsOf);

    public async Task<byte[]> ExportAsync(Projection projection, string client = "acme")
    {
        using var output = new MemoryStream();
        await Ask(projection, client).ExportAsync(output);
        return output.ToArray();
    }

    public async Task<string> Sha256Async(Projection projection, string client = "acme") =>
        Convert.ToHexStringLower(SHA256.HashData(await ExportAsync(projection, client)));

    private static StateChange Outcome(ClaimedItem item, string? answer, bool last, bool failedStay) => new()
    {
        Item = item.Item,
        ExpectedAttempt = item.Attempt,
        Attempt = item.Attempt + 1,
        Generation = item.Generation,
        Tries = (short)(item.Tries + 1),
        Advances = !last && !(failedStay && answer is null),
        Status = answer is null ? Status.Failed : Status.Completed,
        Outcome = answer is null ? StepOutcomeKind.Failed : answer == Nothing ? StepOutcomeKind.NotFound : StepOutcomeKind.Completed,
        Result = answer is null ? default : answer == Nothing ? "{}"u8.ToArray() : Encoding.UTF8.GetBytes(answer),
        ErrorClass = answer is null ? ErrorClass.Permanent : null,
        Error = answer is null ? "no answer" : null,
    };
}
