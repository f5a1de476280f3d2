using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Json;

namespace Enrichment.Consolidation;

/// <summary>Lists a column's sources in order of precedence, and says which of several values the column takes.</summary>
public sealed class SourceBuilder
{
    private readonly List<ColumnSource> sources = [];
    private ChoiceRule choose;
    private TextForm? form;
    private string? byDefault;
    private bool required;
    private bool hidden;
    private bool indexed;
    private bool searched;

    internal SourceBuilder()
    {
    }

    /// <summary>Then the field: the latest answer of a stage, else the uploaded cell.</summary>
    /// <param name="field">The canonical name.</param>
    /// <param name="confidence">How much it is trusted, for a column that takes the most confident value.</param>
    /// <param name="format">How it writes its values, as <see cref="Column"/> has it.</param>
    /// <exception cref="EnrichmentException">There is no such format.</exception>
    public SourceBuilder Field(string field, decimal? confidence = null, string? format = null) =>
        Add(new FieldSource(field) { Confidence = confidence, Format = Find(format) });

    /// <summary>Then a place in a step's result.</summary>
    /// <param name="step">The step's slug.</param>
    /// <param name="pointer">A JSON pointer (RFC 6901), such as <c>/derived/industry/0</c>.</param>
    /// <param name="observed">Where the result says when the value was observed, for a column that takes the latest value.</param>
    /// <param name="confidence">How much it is trusted, for a column that takes the most confident value.</param>
    /// <param name="confidenceAt">Where the result says how much it is trusted.</param>
    /// <param name="format">How it writes its values, as <see cref="Column"/> has it.</param>
    /// <exception cref="EnrichmentException">A text is not a JSON pointer, or there is no such format.</exception>
    public SourceBuilder Result(
        string step,
        string pointer,
        string? observed = null,
        decimal? confidence = null,
        string? confidenceAt = null,
        string? format = null) =>
        Result(step, [pointer], observed, confidence, confidenceAt, format);

    /// <summary>Then the first of several places in a step's result that has a value.</summary>
    /// <param name="step">The step's slug.</param>
    /// <param name="pointers">JSON pointers (RFC 6901) in order, such as <c>/raw/domain</c> and <c>/domain</c>.</param>
    /// <param name="observed">Where the result says when the value was observed, for a column that takes the latest value.</param>
    /// <param name="confidence">How much it is trusted, for a column that takes the most confident value.</param>
    /// <param name="confidenceAt">Where the result says how much it is trusted.</param>
    /// <param name="format">How it writes its values, as <see cref="Column"/> has it.</param>
    /// <exception cref="EnrichmentException">A text is not a JSON pointer, or there is no such format.</exception>
    public SourceBuilder Result(
        string step,
        IReadOnlyList<string> pointers,
        string? observed = null,
        decimal? confidence = null,
        string? confidenceAt = null,
        string? format = null) =>
        Add(new ResultSource(step, [.. pointers.Select(JsonPointer.Parse)])
        {
            Observed = observed is null ? null : JsonPointer.Parse(observed),
            Confidence = confidence,
            Format = Find(format),
            ConfidenceAt = confidenceAt is null ? null : JsonPointer.Parse(confidenceAt),
        });

    /// <summary>Then a place in the element of a child table's array.</summary>
    /// <param name="pointer">A JSON pointer (RFC 6901) that begins at the element, such as <c>/company/domain</c>.</param>
    /// <param name="observed">Where the element says when the value was observed, for a column that takes the latest value.</param>
    /// <param name="confidence">How much it is trusted, for a column that takes the most confident value.</param>
    /// <param name="confidenceAt">Where the element says how much it is trusted.</param>
    /// <param name="format">How it writes its values, as <see cref="Column"/> has it.</param>
    /// <exception cref="EnrichmentException">A text is not a JSON pointer, or there is no such format.</exception>
    public SourceBuilder At(
        string pointer,
        string? observed = null,
        decimal? confidence = null,
        string? confidenceAt = null,
        string? format = null) =>
        Add(new ElementSource(JsonPointer.Parse(pointer))
        {
            Observed = observed is null ? null : JsonPointer.Parse(observed),
            Confidence = confidence,
            Format = Find(format),
            ConfidenceAt = confidenceAt is null ? null : JsonPointer.Parse(confidenceAt),
        });

    /// <summary>Then whether a step found something: false if its answer is that there is nothing. For a column of truth values.</summary>
    /// <param name="step">The step's slug.</param>
    /// <param name="confidence">How much it is trusted, for a column that takes the most confident value.</param>
    public SourceBuilder Found(string step, decimal? confidence = null) =>
        Add(new MetaSource(step, ResultMeta.Found) { Confidence = confidence });

    /// <summary>Then the time at which a step's result was stored. For a column of instants or dates.</summary>
    /// <param name="step">The step's slug.</param>
    /// <param name="confidence">How much it is trusted, for a column that takes the most confident value.</param>
    public SourceBuilder StoredAt(string step, decimal? confidence = null) =>
        Add(new MetaSource(step, ResultMeta.StoredAt) { Confidence = confidence });

    /// <summary>Then the uploaded cell under a header.</summary>
    /// <param name="header">The header, exactly as in the file.</param>
    /// <param name="confidence">How much it is trusted, for a column that takes the most confident value.</param>
    /// <param name="format">
    /// How it writes its values, if not in the usual notation. Of days: <c>dd/MM/yyyy</c>, <c>MM/dd/yyyy</c>, <c>dd.MM.yyyy</c>,
    /// <c>dd-MM-yyyy</c>, <c>MM-dd-yyyy</c>, <c>yyyyMMdd</c>, <c>dd MMM yyyy</c>, <c>MMM dd, yyyy</c>, <c>MM/yyyy</c>,
    /// <c>epoch_seconds</c>, <c>epoch_milliseconds</c>. Of numbers: <c>decimal_comma</c>, <c>units</c>, <c>dollars</c>.
    /// </param>
    /// <exception cref="EnrichmentException">There is no such format.</exception>
    public SourceBuilder Column(string header, decimal? confidence = null, string? format = null) =>
        Add(new HeaderSource(header) { Confidence = confidence, Format = Find(format) });

    /// <summary>
    /// Takes the value that was observed last. A source without a place for that has the time of its result; an uploaded cell is older than
    /// any.
    /// </summary>
    public SourceBuilder Latest() => By(ChoiceRule.Latest);

    /// <summary>Takes the value of the source with the highest confidence. A source without one has the confidence 0.</summary>
    public SourceBuilder MostConfident() => By(ChoiceRule.Confident);

    /// <summary>Takes the value that most sources have.</summary>
    public SourceBuilder Agreed() => By(ChoiceRule.Agree);

    /// <summary>Takes the smallest value. Texts are compared by their bytes in UTF-8.</summary>
    public SourceBuilder Smallest() => By(ChoiceRule.Min);

    /// <summary>Takes the largest value. Texts are compared by their bytes in UTF-8.</summary>
    public SourceBuilder Largest() => By(ChoiceRule.Max);

    /// <summary>Takes the values of all sources as one list, each once. For a list of texts.</summary>
    public SourceBuilder All() => By(ChoiceRule.All);

    /// <summary>Brings each text to one spelling. One that cannot be brought to it is an issue, and the next source is asked.</summary>
    /// <param name="form">
    /// One of <c>company_name</c>, <c>country</c>, <c>domain</c>, <c>email</c>, <c>linkedin</c>, <c>person_name</c> and <c>phone</c>.
    /// </param>
    /// <exception cref="EnrichmentException">There is no such form.</exception>
    public SourceBuilder Normalise(string form)
    {
        this.form = TextForm.Find(form)
            ?? throw new EnrichmentException($"There is no form '{Excerpt.Of(form)}' of text. Known: {TextForm.All}.");
        return this;
    }

    /// <summary>The cell if no source has a value of the column's type. A day or an instant is written as in a file.</summary>
    public SourceBuilder Default(string value) => DefaultTo(JsonSerializer.Serialize(value));

    /// <summary>The cell if no source has a value of the column's type.</summary>
    public SourceBuilder Default(long value) => DefaultTo(JsonSerializer.Serialize(value));

    /// <summary>The cell if no source has a value of the column's type.</summary>
    public SourceBuilder Default(decimal value) => DefaultTo(JsonSerializer.Serialize(value));

    /// <summary>The cell if no source has a value of the column's type.</summary>
    public SourceBuilder Default(bool value) => DefaultTo(JsonSerializer.Serialize(value));

    /// <summary>A row without a value in this column has an issue with the reason <c>missing</c>.</summary>
    public SourceBuilder Required()
    {
        required = true;
        return this;
    }

    /// <summary>Expressions may name the column, and the table does not have it.</summary>
    public SourceBuilder Hidden()
    {
        hidden = true;
        return this;
    }

    /// <summary>
    /// The column has an index: pages that are sorted by it, and rows that it is compared with a value in, are found without reading the
    /// table.
    /// </summary>
    public SourceBuilder Indexed()
    {
        indexed = true;
        return this;
    }

    /// <summary>
    /// <see cref="ProjectionQuery.Search"/> finds rows by the words of the column, by an index. For a column of texts.
    /// </summary>
    public SourceBuilder Searched()
    {
        searched = true;
        return this;
    }

    internal static ProjectionColumn ColumnOf(string name, ColumnType type, Action<SourceBuilder> sources)
    {
        var builder = new SourceBuilder();
        sources(builder);
        return builder.Build(name, type);
    }

    /// <summary>Sources that are of no column, so that none of the rules counts.</summary>
    internal static IReadOnlyList<ColumnSource> SourcesOf(Action<SourceBuilder> define)
    {
        var builder = new SourceBuilder();
        define(builder);
        return builder.sources;
    }

    private ProjectionColumn Build(string name, ColumnType type) => new(name, type, sources)
    {
        Choose = choose,
        Normalise = form,
        Default = byDefault,
        IsRequired = required,
        IsHidden = hidden,
        IsIndexed = indexed,
        IsSearched = searched,
    };

    private static ValueFormat? Find(string? format) => format is null ? null
        : ValueFormat.Find(format)
            ?? throw new EnrichmentException($"There is no format '{Excerpt.Of(format)}' of values. Known: {ValueFormat.All}.");

    private SourceBuilder By(ChoiceRule rule)
    {
        choose = rule;
        return this;
    }

    private SourceBuilder DefaultTo(string json)
    {
        byDefault = json;
        return this;
    }

    private SourceBuilder Add(ColumnSource source)
    {
        sources.Add(source);
        return this;
    }
}
