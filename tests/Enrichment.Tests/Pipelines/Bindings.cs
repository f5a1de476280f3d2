using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.Plans;

namespace Enrichment.Tests.Pipelines;

/// <summary>Settings are bound, and pipelines checked, with secrets that are there at once.</summary>
internal static class Bindings
{
    public static BoundOptions? Bind(Type? type, JsonElement? settings, BindingContext context, out IReadOnlyList<string> problems)
    {
        (var bound, problems) = OptionsBinder.BindAsync(type, settings, context, default).AsTask().GetAwaiter().GetResult();
        return bound;
    }

    public static PipelineSnapshot Snapshot(PreflightRequest request) =>
        Preflight.RunAsync(request, default).AsTask().GetAwaiter().GetResult();
}
