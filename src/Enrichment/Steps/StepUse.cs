using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Steps;

/// <summary>A step in the hands of one call. Dispose it when the call is over.</summary>
/// <param name="step">The instance.</param>
/// <param name="scope">What it was made of; null if it serves all calls.</param>
internal readonly struct StepUse(IEnrichmentStep step, AsyncServiceScope? scope) : IAsyncDisposable, IDisposable
{
    public IEnrichmentStep Step => step;

    public ValueTask DisposeAsync() => scope?.DisposeAsync() ?? default;

    /// <summary>For the halves of a step that do not wait for anything.</summary>
    public void Dispose() => scope?.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
