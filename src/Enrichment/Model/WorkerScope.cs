namespace Enrichment;

/// <summary>
/// The clients and steps whose tasks an external worker may fetch. The host decides it for an authenticated identity, never the worker
/// itself.
/// </summary>
/// <param name="Clients">Slugs of clients; <c>*</c> means all, the reserved client <c>shared</c> included.</param>
/// <param name="Steps">Slugs of steps; <c>*</c> means all.</param>
public sealed record WorkerScope(IReadOnlyCollection<string> Clients, IReadOnlyCollection<string> Steps)
{
    private const string All = "*";

    /// <summary>Every step of every client: for workers that the host trusts as it trusts itself.</summary>
    public static WorkerScope Everything { get; } = new([All], [All]);

    /// <summary>
    /// The name of the identity. What one identity has fetched no other can report. Null: the name of the authenticated user, or else none.
    /// </summary>
    public string? Identity { get; init; }

    internal bool AllowsStep(string step) => Steps.Contains(All) || Steps.Contains(step);
}
