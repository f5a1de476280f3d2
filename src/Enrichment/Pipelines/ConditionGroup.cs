using System.Collections.Immutable;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Several conditions of which every one, or at least one, must hold.</summary>
internal sealed class ConditionGroup : Condition
{
    public ConditionGroup(ImmutableArray<Condition> conditions, bool every)
    {
        if (conditions.IsEmpty)
        {
            throw new EnrichmentException($"The condition '{(every ? "all" : "any")}' has no conditions in it. Give at least one.");
        }

        Conditions = conditions;
        IsAll = every;
        Depth = 1 + conditions.Max(condition => condition.Depth);
        Negation.CheckDepth(Depth);
    }

    /// <summary>The conditions, at least one.</summary>
    public ImmutableArray<Condition> Conditions { get; }

    /// <summary>Whether every one of them must hold.</summary>
    public bool IsAll { get; }

    internal override IEnumerable<string> AllFields => Conditions.SelectMany(condition => condition.AllFields);

    internal override int Depth { get; }

    public override bool Holds(EnrichmentRecord record) => IsAll
        ? Conditions.All(condition => condition.Holds(record))
        : Conditions.Any(condition => condition.Holds(record));

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray(IsAll ? "all" : "any");
        foreach (var condition in Conditions)
        {
            condition.Write(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
