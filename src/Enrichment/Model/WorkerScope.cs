namespace Enrichment;

/// <summary>
/// Whose items an external worker may have, and of which steps: said of an identity that the host has authenticated, never by the worker
/// itself.
/// </summary>
/// <param name="Clients">Slugs of clients; <c>*</c> stands for all, the reserved client <c>shared</c> included.</param>
/// <param name="Steps">Slugs of steps; <c>*</c> stands for all.</param>
public sealed record WorkerScope(IReadOnlyCollection<string> Clients, IReadOnlyCollection<string> Steps)
{
    private const string All = "*";

    /// <summary>Every step of every client: for workers that the host trusts as it trusts itself.</summary>
    public static WorkerScope Everything { get; } = new([All], [All]);

    internal bool AllowsStep(string step) => Steps.Contains(All) || Steps.Contains(step);

    internal bool Allows(string client, string step) => AllowsStep(step) && (Clients.Contains(All) || Clients.Contains(client));
}
