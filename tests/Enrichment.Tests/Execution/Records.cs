using System.Text;
using Enrichment.Plans;

namespace Enrichment.Tests.Execution;

/// <summary>Records for tests, made the way the engine makes them.</summary>
internal static class Records
{
    public static ReadOnlyMemory<byte> Utf8(string json) => Encoding.UTF8.GetBytes(json);

    /// <summary>A record whose fields are those of one earlier result.</summary>
    public static ItemRecord Of(string result)
    {
        using var document = System.Text.Json.JsonDocument.Parse(result);
        var produced = document.RootElement.EnumerateObject().Select(property => ((short)1, new ProducedField(property.Name))).ToList();
        return new(new([], new Dictionary<string, IReadOnlyList<int>>(), produced), Utf8("[]"), [(1, Utf8(result))]);
    }
}
