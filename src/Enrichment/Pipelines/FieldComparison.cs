using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>A field compared with one value.</summary>
internal sealed class FieldComparison(string name, Comparison comparison, ConditionValue value) : FieldCondition(name)
{
    private readonly ComparedText operand = ComparedText.Of(value.Text);

    /// <summary>How it compares.</summary>
    public Comparison Comparison => comparison;

    /// <summary>With what it compares.</summary>
    public ConditionValue Value => value;

    public override bool Holds(EnrichmentRecord record) => comparison == Comparison.Ne
        ? !ComparedText.AnyOf(record, Name, text => text.EqualTo(operand))
        : ComparedText.AnyOf(record, Name, Compare);

    private protected override void WriteOperator(Utf8JsonWriter writer)
    {
        writer.WritePropertyName(Word(comparison));
        WriteValue(writer, value);
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
