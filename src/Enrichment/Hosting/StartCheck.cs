using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Enrichment.Hosting;

/// <summary>
/// Checks the whole description when the host starts, so that a mistake shows before the first launch. Reports all problems at once.
/// </summary>
internal sealed class StartCheck(
    string? name,
    Func<IEnrichmentStore> store,
    EngineOptions options,
    Definitions definitions,
    StepCatalogue catalogue,
    ILogger logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var problems = options.Problems.Concat(definitions.Problems()).ToList();
        var known = catalogue;
        try
        {
            known = await KnownAsync(store(), cancellationToken).ConfigureAwait(false);
        }
        catch (EnrichmentException exception)
        {
            problems.Add(exception.Message);
        }
        catch (Exception exception) when (StoreRetry.IsAway(exception))
        {
            Log.StoreAwayAtStart(logger, exception);
        }

        foreach (var (place, step) in definitions.Steps.Where(named => known.Versions(named.Step).Count == 0))
        {
            // A step that is spelt like another is a misspelling; any other may be a step of other hosts only.
            var hint = Nearest.Hint(step, known.Slugs);
            if (hint.Length > 0)
            {
                problems.Add($"{place}: no provider ships the step '{step}'.{hint} If another host runs it, declare it with DeclareSteps.");
            }
            else
            {
                Log.StepUnknownAtStart(logger, place, step);
            }
        }

        if (problems.Count > 0)
        {
            throw new EnrichmentException(
                $"The engine{(name is null ? "" : $" '{name}'")} cannot start: {(problems.Count == 1 ? "1 problem" : $"{problems.Count} problems")}."
                    + string.Concat(problems.Select((problem, index) => $"\n{index + 1}. {problem}")));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>This host's steps with those that others have shown.</summary>
    private async Task<StepCatalogue> KnownAsync(IEnrichmentStore store, CancellationToken cancellationToken)
    {
        if (await store.HasSchemaAsync(cancellationToken).ConfigureAwait(false))
        {
            return catalogue.With(await store.ReadManifestsAsync(cancellationToken).ConfigureAwait(false));
        }

        if (!definitions.Works)
        {
            Log.SchemaUnready(logger, StoreSchema.Unready(SchemaState.Missing).Message);
        }

        return catalogue;
    }
}
