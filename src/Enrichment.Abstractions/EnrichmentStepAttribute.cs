namespace Enrichment;

/// <summary>
/// Declares a step: its name, its version, and what the engine must know to run it safely. The source of <see cref="StepManifest"/>.
/// </summary>
/// <param name="slug">How pipelines name the step: lower-case words joined by dots or hyphens, such as <c>company.domain</c>.</param>
/// <param name="version">A semantic version (semver.org); pipelines may ask for a range of it.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EnrichmentStepAttribute(string slug, string version) : Attribute
{
    /// <summary>How pipelines name the step.</summary>
    public string Slug { get; } = slug;
    /// <summary>The step's semantic version.</summary>
    public string Version { get; } = version;
    /// <summary>The fields that the step reads. The record refuses others, so that preflight can be believed.</summary>
    public string[] Reads { get; set; } = [];
    /// <summary>
    /// The fields that the step's result may hold: a name, or <c>name=/json/pointer</c> (RFC 6901) if the field is not the property of its
    /// own name.
    /// </summary>
    public string[] Produces { get; set; } = [];
    /// <summary>True if the step has no effect outside the process. Default: false.</summary>
    public bool Pure { get; set; }
    /// <summary>
    /// True if a call whose outcome is unknown may be repeated with the same idempotency key. Default: false, such items wait for review.
    /// </summary>
    public bool SafeToRepeat { get; set; }
    /// <summary>
    /// How long one attempt may take, in seconds, and no longer than <see cref="DeadlineSeconds"/> if it may be answered later. Default:
    /// 60, above which a synchronous vendor is better called as one that answers later.
    /// </summary>
    public double TimeoutSeconds { get; set; } = 60;
    /// <summary>
    /// How many tries the retry budget allows in one generation, the first included. From 1 to 100. Default: 4, which with the default
    /// backoff (1, 2 and 4 seconds, shortened by up to half) rides out about five seconds.
    /// </summary>
    public int MaxTries { get; set; } = 4;
    /// <summary>
    /// For a step that is answered later: how long after the call its answer may come, in seconds. Default: 86,400, one day. Then the call
    /// counts as unknown.
    /// </summary>
    public double DeadlineSeconds { get; set; } = 86_400;
    /// <summary>For a step that polls: the time between two polls, in seconds. Default: 30.</summary>
    public double PollSeconds { get; set; } = 30;
    /// <summary>For a bulk step: how many items one call takes at most. From 1 to 1,000. Default: 100.</summary>
    public int BulkSize { get; set; } = 100;
    /// <summary>
    /// What the vendor allows, as a JSON object such as <c>{"rate": 50}</c>: the weakest layer of the setting <c>limits</c>, which the
    /// engine keeps. Null: the engine holds nothing back.
    /// </summary>
    public string? Limits { get; set; }
    /// <summary>
    /// The type of the step's settings, bound from the layered step configuration and validated at launch; null if it has none.
    /// </summary>
    public Type? Options { get; set; }
}
