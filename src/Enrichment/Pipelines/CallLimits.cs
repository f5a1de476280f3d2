using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Enrichment.Pipelines;

/// <summary>
/// A vendor's limits: the setting <c>limits</c> of a step, which the engine removes from the step's settings and applies itself. Part of
/// the snapshot.
/// </summary>
internal sealed record CallLimits : IValidatableObject
{
    /// <summary>The name of the limits among a step's settings.</summary>
    public const string Setting = "limits";

    // Below it the store's answer alone may take longer than a call may be late.
    private static readonly TimeSpan ShortestBurst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBurst = TimeSpan.FromDays(1);
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMicroseconds(10);
    private static readonly TimeSpan LongestGap = TimeSpan.FromDays(30);
    private static readonly TimeSpan UsualBurst = TimeSpan.FromMilliseconds(250);

    /// <summary>Steps that name the same limit share it. Null: the step's slug.</summary>
    public string? Name { get; init; }

    /// <summary>True if all clients share the limit, as where the account is the host's own. Else each client has one of its own.</summary>
    [Fixed]
    public bool Shared { get; init; }

    /// <summary>How many calls may be made in <see cref="Per"/>. Null: any number.</summary>
    public double? Rate { get; init; }

    /// <summary>The time that <see cref="Rate"/> is about: from 1 millisecond to 1 day. Default: 1 second.</summary>
    public TimeSpan Per { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many calls more than the rate may meet at the vendor in any window of time. Null: what the rate allows in a quarter of a second,
    /// at least 1.
    /// </summary>
    public int? Burst { get; init; }

    /// <summary>How many calls may be in flight at once, on all hosts together. Null: any number.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Whether a call that is answered later counts among those in flight until it is answered. Null: if it is polled.</summary>
    /// <remarks>
    /// A poll tells of a job that its vendor gave up. A callback that is lost, or waits for a person, would hold its place until the
    /// deadline.
    /// </remarks>
    public bool? UntilAnswered { get; init; }

    /// <summary>
    /// After so many failures one after the other, without an answer between them, the vendor is left alone for a time. From 1 to 1,000.
    /// </summary>
    public int BreakAfter { get; init; } = 10;

    /// <summary>From one call to the next; zero without a rate.</summary>
    internal TimeSpan Gap => Rate is { } rate ? TimeSpan.FromSeconds(GapSeconds(rate)) : TimeSpan.Zero;

    /// <summary>How late a call may leave. Half of the burst: the other half is for the way to the vendor.</summary>
    internal TimeSpan Late => Rate is null ? TimeSpan.Zero : Gap * (Burst ?? Math.Max(1, Math.Ceiling(UsualBurst / Gap))) / 2;

    /// <summary>Takes the limits out of a stage's settings.</summary>
    /// <param name="settings">The merged settings; afterwards those of the step alone.</param>
    /// <param name="step">Whose.</param>
    /// <param name="overrides">The settings of clients and launches for the step.</param>
    /// <param name="problems">What is wrong with the limits.</param>
    /// <returns>Null if there are none, or something is wrong with them.</returns>
    public static CallLimits? Take(
        ref JsonElement? settings,
        StepManifest step,
        IReadOnlyList<SettingsOverride> overrides,
        out IReadOnlyList<string> problems)
    {
        problems = [];
        var stated = settings
            ?.EnumerateObject()
            .FirstOrDefault(property => string.Equals(property.Name, Setting, StringComparison.OrdinalIgnoreCase));
        if (stated is not { Value: { ValueKind: not JsonValueKind.Undefined } value } property)
        {
            return null;
        }

        List<SettingsOverride> said = [.. overrides
            .Select(layer => (Layer: layer, Limits: SettingPath.Find(layer.Settings, [Setting])))
            .Where(layer => layer.Limits is { ValueKind: JsonValueKind.Object })
            .Select(layer => layer.Layer with { Settings = layer.Limits!.Value })];
        var others = JsonObject.Create(settings!.Value)!;
        others.Remove(property.Name);
        settings = others.Count == 0 ? null : JsonElement.Parse(others.ToJsonString());
        if (value.ValueKind != JsonValueKind.Object)
        {
            problems = ["expected an object such as {\"rate\": 50}."];
            return null;
        }

        (var bound, problems) = OptionsBinder.BindPlain(
            typeof(CallLimits),
            value,
            new(step, "", SecretReference.FromEnvironment) { Overrides = said });
        var limits = (CallLimits?)bound?.Value;
        if (limits is not null && step.Effects == Effects.Pure)
        {
            problems = ["the step is pure and makes no calls. Remove them."];
        }

        return problems.Count == 0 ? limits : null;
    }

    /// <summary>What is wrong with them.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Problems().Select(problem => new ValidationResult(problem));

    private double GapSeconds(double rate) => Per.TotalSeconds / rate;

    private IEnumerable<string> Problems()
    {
        if (Name is not null && Slug.NameProblem(Name, "the name of a limit") is { } name)
        {
            yield return name;
        }

        if (Per < TimeSpan.FromMilliseconds(1) || Per > TimeSpan.FromDays(1))
        {
            yield return $"per is {Per}: expected 00:00:00.001 to 1.00:00:00.";
        }
        else if (Rate is { } rate
            && !(rate > 0 && GapSeconds(rate) >= ShortestGap.TotalSeconds && GapSeconds(rate) <= LongestGap.TotalSeconds))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"rate is {rate} in {Per}: expected from one call in 30 days to 100000 in a second.");
        }
        else if (Rate is null && Burst is not null)
        {
            yield return "there is a burst, but no rate.";
        }
        else if (Rate is { } stated
            && Burst is { } burst
            && !(GapSeconds(stated) * burst >= ShortestBurst.TotalSeconds
                && (burst == 1 || GapSeconds(stated) * burst <= LongestBurst.TotalSeconds)))
        {
            yield return $"burst is {burst}: expected 1 or more, at least what the rate allows in a tenth of a second and at most what it allows in a day. Hosts together are no more exact than a tenth of a second.";
        }

        if (Concurrency is < 1 or > 10_000)
        {
            yield return $"concurrency is {Concurrency}: expected 1 to 10000.";
        }

        if (BreakAfter is < 1 or > 1000)
        {
            yield return $"breakAfter is {BreakAfter}: expected 1 to 1000.";
        }
    }
}
