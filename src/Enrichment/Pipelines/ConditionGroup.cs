using System.Collections.Immutable;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Several conditions of which every one, or at least one, must hold.</summary>
internal sealed class ConditionGroup : Condition
{
    private readonly ImmutableArray<Condition> conditions;
    private readonly bool every;

    public ConditionGroup(ImmutableArray<Condition> conditions, bool every)
    {
        if (conditions.IsEmpty)
        {
            throw new EnrichmentException($"The condition '{(every ? "all" : "any")}' has no conditions in it. Give at least one.");
        }

        this.conditions = conditions;
        this.every = every;
        Depth = 1 + conditions.Max(condition => condition.Depth);
        Negation.CheckDepth(Depth);
    }

    internal override IEnumerable<string> AllFields => conditions.SelectMany(condition => condition.AllFields);

    internal override int Depth { get; }

    public override bool Holds(EnrichmentRecord record) => every
        ? conditions.All(condition => condition.Holds(record))
        : conditions.Any(condition => condition.Holds(record));

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray(every ? "all" : "any");
        foreach (var condition in conditions)
        {
            condition.Write(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
