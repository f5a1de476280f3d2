using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>A condition on one field: <c>{"field": …, operator: …}</c>.</summary>
internal abstract class FieldCondition : Condition
{
    private protected FieldCondition(string name) =>
        Name = Slug.FieldProblem(name) is { } problem ? throw new EnrichmentException(problem) : name;

    internal sealed override IEnumerable<string> AllFields => [Name];

    /// <summary>The field.</summary>
    public string Name { get; }

    internal sealed override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("field", Name);
        WriteOperator(writer);
        writer.WriteEndObject();
    }

    private protected abstract void WriteOperator(Utf8JsonWriter writer);

    private protected static void WriteValue(Utf8JsonWriter writer, ConditionValue value)
    {
        if (value.IsText)
        {
            writer.WriteStringValue(value.Text);
        }
        else
        {
            writer.WriteRawValue(value.Text);
        }
    }
}
