using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Holds where another condition does not.</summary>
internal sealed class Negation : Condition
{
    private readonly Condition condition;

    public Negation(Condition condition)
    {
        this.condition = condition;
        Depth = condition.Depth + 1;
        CheckDepth(Depth);
    }

    internal override IEnumerable<string> AllFields => condition.AllFields;

    internal override int Depth { get; }

    public override bool Holds(EnrichmentRecord record) => !condition.Holds(record);

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
        condition.Write(writer);
        writer.WriteEndObject();
    }
}
