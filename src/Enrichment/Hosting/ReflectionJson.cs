using System.Text.Json;

namespace Enrichment.Hosting;

/// <summary>Whether System.Text.Json may look at types: options of steps, snapshots and reports are read and written so.</summary>
internal static class ReflectionJson
{
    /// <exception cref="EnrichmentException">The process has switched it off.</exception>
    public static void Require() => Require(JsonSerializer.IsReflectionEnabledByDefault);

    /// <summary>The same for a given answer.</summary>
    public static void Require(bool enabled)
    {
        if (!enabled)
        {
            throw new EnrichmentException(
                "Reflection in System.Text.Json is switched off in this process, but the engine needs it to bind the options of steps. "
                + "Set <JsonSerializerIsReflectionEnabledByDefault>true</JsonSerializerIsReflectionEnabledByDefault> in the host's project; trimming and native AOT switch it off too.");
        }
    }
}
