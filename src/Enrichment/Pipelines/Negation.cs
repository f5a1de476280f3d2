using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Holds where another condition does not.</summary>
internal sealed class Negation : Condition
{
    public Negation(Condition condition)
    {
        Condition = condition;
        Depth = condition.Depth + 1;
        CheckDepth(Depth);
    }

    /// <summary>The condition that is not to hold.</summary>
    public Condition Condition { get; }

    internal override IEnumerable<string> AllFields => Condition.AllFields;

    internal override int Depth { get; }

    public override bool Holds(EnrichmentRecord record) => !Condition.Holds(record);

    /// <summary>Snapshots are read back with a bounded depth, so a condition may not be deeper than they allow.</summary>
    internal static void CheckDepth(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new EnrichmentException(
                $"Conditions are nested more than {MaxDepth} deep. Put them side by side in one 'all' or 'any' instead.");
        }
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("not");
        Condition.Write(writer);
        writer.WriteEndObject();
    }
}
