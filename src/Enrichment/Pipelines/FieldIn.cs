using System.Collections.Immutable;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Whether a field equals one of several values.</summary>
internal sealed class FieldIn : FieldCondition
{
    private readonly ImmutableArray<ComparedText> operands;

    public FieldIn(string name, ImmutableArray<ConditionValue> values)
        : base(name)
    {
        Values = values.IsEmpty
            ? throw new EnrichmentException(
                $"A condition tests whether '{name}' is in an empty list, which never holds. Give at least one value.")
            : values;
        operands = [.. values.Select(value => ComparedText.Of(value.Text))];
    }

    /// <summary>The values, at least one.</summary>
    public ImmutableArray<ConditionValue> Values { get; }

    public override bool Holds(EnrichmentRecord record) => ComparedText.AnyOf(record, Name, text => operands.Any(text.EqualTo));

    private protected override void WriteOperator(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("in");
        foreach (var value in Values)
        {
            WriteValue(writer, value);
        }

        writer.WriteEndArray();
    }
}
