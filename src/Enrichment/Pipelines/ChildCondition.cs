using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Whether at least one row that an item has in a child table satisfies a condition on that table's columns.</summary>
/// <remarks>A record has no child rows: the fields are those of no record, so that preflight refuses the condition for a stage.</remarks>
internal sealed class ChildCondition : Condition
{
    public ChildCondition(string child, Condition condition)
    {
        Name = Slug.FieldProblem(child) is { } problem ? throw new EnrichmentException(problem) : child;
        Condition = condition;
        Depth = condition.Depth + 1;
        Negation.CheckDepth(Depth);
    }

    /// <summary>The child table, as expressions name it.</summary>
    public string Name { get; }

    /// <summary>What one of its rows has to satisfy.</summary>
    public Condition Condition { get; }

    internal override IEnumerable<string> AllFields => Condition.AllFields.Select(name => $"{Name}.{name}");

    internal override int Depth { get; }

    public override bool Holds(EnrichmentRecord record) => false;

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("child", Name);
        writer.WritePropertyName("any");
        Condition.Write(writer);
        writer.WriteEndObject();
    }
}
