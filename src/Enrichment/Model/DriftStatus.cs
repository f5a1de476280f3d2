namespace Enrichment;

/// <summary>What was decided about a finding of drift.</summary>
public enum DriftStatus
{
    /// <summary>Nothing yet.</summary>
    Open = 0,

    /// <summary>The answers are right as they are now: later ones are compared with those since the change.</summary>
    Accepted = 1,

    /// <summary>The change does not matter, and is not reported again.</summary>
    Ignored = 2,
}
