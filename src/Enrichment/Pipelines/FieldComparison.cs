using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>A field compared with one value.</summary>
internal sealed class FieldComparison(string name, Comparison comparison, ConditionValue value) : Condition
{
    private readonly ComparedText operand = ComparedText.Of(value.Text ?? throw new ArgumentNullException(nameof(value)));

    internal override IEnumerable<string> AllFields => [name];

    public override bool Holds(EnrichmentRecord record) => comparison == Comparison.Ne
        ? !ComparedText.AnyOf(record, name, text => text.EqualTo(operand))
        : ComparedText.AnyOf(record, name, Compare);

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("field", name);
        writer.WritePropertyName(Word(comparison));
        ComparedText.Write(writer, value);
        writer.WriteEndObject();
    }

    private static string Word(Comparison comparison) => comparison switch
    {
        Comparison.Eq => "eq",
        Comparison.Ne => "ne",
        Comparison.Lt => "lt",
        Comparison.Le => "le",
        Comparison.Gt => "gt",
        Comparison.Ge => "ge",
        _ => "contains",
    };

    private bool Compare(ComparedText text) => comparison switch
    {
        Comparison.Eq => text.EqualTo(operand),
        Comparison.Lt => text.CompareTo(operand) < 0,
        Comparison.Le => text.CompareTo(operand) <= 0,
        Comparison.Gt => text.CompareTo(operand) > 0,
        Comparison.Ge => text.CompareTo(operand) >= 0,
        _ => text.Text.Contains(operand.Text, StringComparison.OrdinalIgnoreCase),
    };
}
