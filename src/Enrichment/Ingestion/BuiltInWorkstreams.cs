using System.Collections.Immutable;
using System.Reflection;

namespace Enrichment.Ingestion;

/// <summary>The workstreams that ship as JSON inside the assembly.</summary>
internal static class BuiltInWorkstreams
{
    private const string Folder = "Enrichment.Ingestion.Workstreams.";

    public static ImmutableArray<Workstream> All { get; } =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(n => n.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(Read)];

    private static Workstream Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        return WorkstreamJson.Parse(json, resource[Folder.Length..]);
    }
}
