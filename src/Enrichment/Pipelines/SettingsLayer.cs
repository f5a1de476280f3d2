namespace Enrichment.Pipelines;

/// <summary>Where a setting of a step comes from.</summary>
public enum SettingsLayer
{
    /// <summary>The host: the step's own declaration, its workstreams and its pipelines.</summary>
    Host = 0,

    /// <summary>The definition of a client.</summary>
    Client = 1,

    /// <summary>A launch: its settings, and those of a pipeline that came with it.</summary>
    Launch = 2,
}
