using Enrichment.Json;

namespace Enrichment.Consolidation;

/// <summary>Lists a column's sources in order of precedence.</summary>
public sealed class SourceBuilder
{
    private readonly List<ColumnSource> sources = [];

    internal IReadOnlyList<ColumnSource> Sources => sources;

    /// <summary>Then the field: the latest answer of a stage, else the uploaded cell.</summary>
    public SourceBuilder Field(string field) => Add(new FieldSource(field));

    /// <summary>Then a place in a step's result.</summary>
    /// <param name="step">The step's slug.</param>
    /// <param name="pointer">A JSON pointer (RFC 6901), such as <c>/derived/industry/0</c>.</param>
        /// <exception cref="EnrichmentException">The text is not a JSON pointer.</exception>
    public SourceBuilder Result(string step, string pointer) => Add(new ResultSource(step, JsonPointer.Parse(pointer)));

    /// <summary>Then the uploaded cell under a header.</summary>
    public SourceBuilder Column(string header) => Add(new HeaderSource(header));

    private SourceBuilder Add(ColumnSource source)
    {
        sources.Add(source);
        return this;
    }
}
