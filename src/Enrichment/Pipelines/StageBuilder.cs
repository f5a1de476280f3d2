using NuGet.Versioning;

namespace Enrichment.Pipelines;

/// <summary>Describes one stage. Every method refuses what cannot be with an <see cref="EnrichmentException"/>.</summary>
public sealed class StageBuilder
{
    /// <summary>The longest time that one attempt may take: longer work is better answered later.</summary>
    internal static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    private StageDefinition stage;

    internal StageBuilder(string step)
    {
        if (Slug.StepProblem(step) is { } problem)
        {
            throw new EnrichmentException(problem);
        }

        stage = new() { Step = step };
    }

    /// <summary>
    /// Requires certain versions of the step, in NuGet's notation: <c>[1.0,2.0)</c>, or <c>1.2</c> for that or later. The highest is taken.
    /// </summary>
    public StageBuilder Version(string range)
    {
        if (!VersionRange.TryParse(range, allowFloating: false, out _))
        {
            throw new EnrichmentException(
                $"'{Excerpt.Of(range)}' is not a range of versions: expected such as [1.0,2.0), [1.2.3], or 1.2 for that or later. Leave it out for any.");
        }

        stage = stage with { Version = range };
        return this;
    }

    /// <summary>Skips items for which the condition does not hold.</summary>
    public StageBuilder When(Condition condition)
    {
        stage = stage with { When = condition };
        return this;
    }

    /// <summary>Lets items go on that fail here.</summary>
    public StageBuilder Optional(bool optional = true)
    {
        stage = stage with { Optional = optional };
        return this;
    }

    /// <summary>Gives the step settings: stronger than the workstream's, weaker than the client's and the batch's.</summary>
    /// <param name="options">
    /// Anything that is a JSON object when serialized, such as <c>new { webhookUrl = "https://…", apiKey = "secret:CLAY_KEY" }</c>.
    /// </param>
    public StageBuilder Options(object options)
    {
        stage = stage with { Options = StepSettings.ToObject(options) };
        return this;
    }

    /// <summary>Changes the step's retries.</summary>
    /// <param name="tries">Tries in one generation, the first included, from 1 to 100; null: as the step says.</param>
    /// <param name="baseDelay">The longest wait after the first try, doubled with each further one; null: 1 second.</param>
    /// <param name="maxDelay">What the doubling ends at; null: 5 minutes.</param>
    public StageBuilder Retry(int? tries = null, TimeSpan? baseDelay = null, TimeSpan? maxDelay = null)
    {
        var retry = new RetryOverride { Tries = tries, BaseDelay = baseDelay, MaxDelay = maxDelay };
        retry.Check();
        stage = stage with { Retry = retry };
        return this;
    }

    /// <summary>Changes how long one attempt may take: more than zero, at most one hour.</summary>
    public StageBuilder Timeout(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero || timeout > LongestTimeout)
        {
            throw new EnrichmentException(
                $"A time-out of {timeout} is not possible: expected more than zero and at most {LongestTimeout}.");
        }

        stage = stage with { Timeout = timeout };
        return this;
    }

    internal StageDefinition Build() => stage;
}
