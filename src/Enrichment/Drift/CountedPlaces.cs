using Enrichment.Consolidation;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Drift;

/// <summary>What tables have counted while they were filled with a batch: at the places that they read, all answers.</summary>
internal static class CountedPlaces
{
    /// <summary>The counts of the live tables that show the batch as it ended.</summary>
    public static Task<List<FilledPlaces>> ReadAsync(IProjectionTransactions tables, Batch batch, CancellationToken cancellationToken) =>
        tables.LookAsync(
            "",
            async session =>
            {
                await using var command = session.Command(
                    session.Dialect.Sql["read_filled"], new() { ["batch"] = batch.Key, ["version"] = batch.Version });
                await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                var counted = new List<FilledPlaces>();
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    counted.Add(FilledPlaces.FromJson(reader.GetString(0)));
                }

                return counted;
            },
            cancellationToken);

    /// <summary>Puts the counts of a stage into the profile of its answers. Places that no sampled answer has stay unknown.</summary>
    public static void Put(AnswerProfile profile, IEnumerable<FilledPlaces> counted, short stage)
    {
        foreach (var known in counted.Where(places => places.Stages.ContainsKey(stage)).Select(places => places.Stages[stage]))
        {
            foreach (var (path, filled) in known.Filled)
            {
                if (profile.Paths.TryGetValue(path, out var count))
                {
                    (count.All, count.FilledOfAll) = (known.Answers, filled);
                }
            }
        }
    }
}
