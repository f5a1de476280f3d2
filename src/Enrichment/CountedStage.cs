using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Enrichment.Entities;
using Enrichment.Normalization;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>The calls of one stage, as a preview counts them.</summary>
internal sealed class CountedStage(StagePlan plan, IEntityRequestStore store)
{
    private const int CountedAtOnce = 1_000;
    private const int MostGroups = 20;
    private const int MostRows = 5;

    private readonly HashSet<UInt128> keys = [];
    private readonly List<(short Bucket, string Key)> uncounted = new(CountedAtOnce);

    // By name and country: the first key and row, and whether another key was met.
    private readonly Dictionary<UInt128, (UInt128 Key, int Row, bool IsAmbiguous)> names = [];
    private readonly Dictionary<UInt128, (HashSet<UInt128> Keys, List<int> Rows)> groups = [];
    private int rows;
    private int withoutKey;
    private int undecided;
    private int answered;
    private int ambiguous;

    public StagePlan Plan { get; } = plan;

    /// <summary>The step, if it is run for the preview.</summary>
    public ReadyStep? Step { get; set; }

    /// <summary>The fields that earlier stages produce and the preview does not know.</summary>
    public string[] Unknown { get; set; } = [];

    /// <summary>Whether the preview knows for each row if the stage's condition holds.</summary>
    public bool IsDecided => Plan.Stage.When is not { } when || !when.Fields.Intersect(Unknown).Any();

    /// <summary>Whether it makes calls.</summary>
    public bool IsOutside => Plan.Stage.Manifest.Effects != Effects.Pure;

    /// <param name="item">A row that reaches the stage.</param>
    /// <param name="decided">Whether it does so in any case.</param>
    /// <param name="final">The shape in which the row's company is told.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task CountAsync(ClaimedItem item, bool decided, RecordShape final, CancellationToken cancellationToken)
    {
        rows++;
        if (!decided)
        {
            undecided++;
        }
        else if (Plan.Stage.Entity is { } policy)
        {
            Count(item, policy, final);
            if (uncounted.Count == CountedAtOnce)
            {
                await CountAnsweredAsync(policy, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async Task<StagePreview> EndAsync(CancellationToken cancellationToken)
    {
        var (stage, known) = (Plan.Stage, rows - undecided);
        if (stage.Entity is not { } policy)
        {
            return new()
            {
                Stage = Plan.Number,
                Step = stage.Manifest.Slug,
                Rows = rows,
                Undecided = undecided,
                Calls = known,
                CallsSaved = 0,
            };
        }

        await CountAnsweredAsync(policy, cancellationToken).ConfigureAwait(false);
        var calls = keys.Count - answered;
        return new()
        {
            Stage = Plan.Number,
            Step = stage.Manifest.Slug,
            Rows = rows,
            Entities = keys.Count,
            Answered = answered,
            WithoutKey = withoutKey,
            Undecided = undecided,
            Calls = calls + (policy.CallsWithoutKey ? withoutKey : 0),
            CallsSaved = known - withoutKey - calls,
            AmbiguousGroups = ambiguous,
            AmbiguousRows = [.. groups.Values.Select(group => (IReadOnlyList<int>)group.Rows)],
        };
    }

    private void Count(ClaimedItem item, EntityPolicy policy, RecordShape final)
    {
        var (manifest, record) = (Plan.Stage.Manifest, Plan.Record(item));
        if (EntityKey.Of(manifest.Entity!, record) is not { } key)
        {
            // An earlier answer may bring one.
            _ = manifest.Entity!.Keys.Concat(manifest.Entity.CompanyKeys).Intersect(Unknown).Any() ? undecided++ : withoutKey++;
            return;
        }

        if (policy.Scope == EntityScope.Shared)
        {
            // Everything that the call is told is a part of the key.
            key = EntityRow.Of(manifest.Reads, record) is { } row ? EntityKey.Of(key, row) : key;
        }

        var hash = HashOf(key);
        if (keys.Add(hash))
        {
            var wanted = EntityRequests.Wanted(Plan, policy, key, default);
            uncounted.Add((wanted.Bucket, wanted.Key));
        }

        var about = new ItemRecord(final, item);
        if (manifest.Entity!.Kind == "company"
            && CompanyKey.PossibleMatch(about.Text("company.name"), about.Text("company.country")) is { } name)
        {
            Group(HashOf(name), hash, item.Item);
        }
    }

    private void Group(UInt128 name, UInt128 key, int row)
    {
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(names, name, out var isKnown);
        if (!isKnown)
        {
            first = (key, row, false);
        }
        else if (first.Key != key)
        {
            if (!first.IsAmbiguous)
            {
                first.IsAmbiguous = true;
                ambiguous++;
                if (groups.Count < MostGroups)
                {
                    groups.Add(name, ([first.Key], [first.Row]));
                }
            }

            if (groups.TryGetValue(name, out var group) && group.Rows.Count < MostRows && group.Keys.Add(key))
            {
                group.Rows.Add(row);
            }
        }
    }

    private async Task CountAnsweredAsync(EntityPolicy policy, CancellationToken cancellationToken)
    {
        if (uncounted.Count > 0)
        {
            answered += await store.CountAnsweredAsync(
                new()
                {
                    Client = EntityRequests.Client(Plan, policy),
                    Answers = EntityRequests.AnswersOf(Plan),
                    Entities = uncounted,
                    Fresh = policy.Fresh,
                    FreshNotFound = policy.FreshNotFound,
                    Refresh = policy.Refresh,
                    Review = Plan.Stage.Manifest.Effects == Effects.Review,
                },
                cancellationToken).ConfigureAwait(false);
            uncounted.Clear();
        }
    }

    private static UInt128 HashOf(string text) =>
        MemoryMarshal.Read<UInt128>(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
