namespace Enrichment;

/// <summary>What the engine's spans say. Metrics never name batches or clients: each would make series of its own.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Whether spans name the client.</summary>
    /// <value>False: the slug of a client may tell a tracing service something of the host's business.</value>
    public bool ClientInSpans { get; init; }
}
