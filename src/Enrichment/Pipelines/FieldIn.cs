using System.Collections.Immutable;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Whether a field equals one of several values.</summary>
internal sealed class FieldIn : Condition
{
    private readonly string name;
    private readonly ImmutableArray<ConditionValue> values;
    private readonly ImmutableArray<ComparedText> operands;

    public FieldIn(string name, ImmutableArray<ConditionValue> values)
    {
        if (values.IsEmpty)
        {
            throw new EnrichmentException($"A condition asks whether '{Excerpt.Of(name)}' is in an empty list, which nothing ever is. Name at least one value.");
        }

        this.name = name;
        this.values = values;
        operands = [.. values.Select(value => ComparedText.Of(value.Text))];
    }

    internal override IEnumerable<string> AllFields => [name];

    public override bool Holds(EnrichmentRecord record) => ComparedText.AnyOf(record, name, text => operands.Any(text.EqualTo));

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("field", name);
        writer.WriteStartArray("in");
        foreach (var value in values)
        {
            ComparedText.Write(writer, value);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
