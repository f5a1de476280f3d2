using System.Collections.Frozen;

namespace Enrichment.Normalization;

/// <summary>A list of registrable domains from a data file, in which <c>name.*</c> means the name under every public suffix.</summary>
internal sealed class DomainList(string file)
{
    private readonly Lazy<FrozenSet<string>> entries = new(() =>
        EmbeddedText.Lines(file).Select(line => line.Trim()).ToFrozenSet(StringComparer.Ordinal));

    /// <summary>Whether the list names the registrable domain.</summary>
    public bool Contains(string domain) =>
        entries.Value.Contains(domain) || entries.Value.Contains(domain[..domain.IndexOf('.', StringComparison.Ordinal)] + ".*");
}
