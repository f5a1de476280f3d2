namespace Enrichment.Consolidation;

/// <summary>Chooses among the cells that the sources of a column offer, one row after the other.</summary>
internal sealed class CellChoice(ColumnType type, ChoiceRule rule)
{
    private readonly List<(TypedCell Cell, int Votes)> offered = [];
    private (long Time, decimal Confidence) best;

    public void Begin() => offered.Clear();

    /// <param name="cell">What a source has. Sources come in their order.</param>
    /// <param name="row">The row whose bytes the cell uses.</param>
    /// <param name="time">When it was observed, in ticks.</param>
    /// <param name="confidence">How much it is trusted.</param>
    public void Offer(TypedCell cell, EvaluatedRow row, long time, decimal confidence)
    {
        var first = offered.Count == 0;
        switch (rule)
        {
            case ChoiceRule.Agree when offered.FindIndex(other => row.AreEqual(type, other.Cell, cell)) is var same and >= 0:
                offered[same] = (offered[same].Cell, offered[same].Votes + 1);
                break;
            case ChoiceRule.Agree or ChoiceRule.All:
                offered.Add((cell, 1));
                break;
            case var _ when first || IsBetter(cell, row, time, confidence):
                offered.Clear();
                offered.Add((cell, 1));
                best = (time, confidence);
                break;
        }
    }

    /// <summary>The column's cell; null if no source has offered one.</summary>
    public TypedCell Chosen(EvaluatedRow row) => rule switch
    {
        _ when offered.Count == 0 => default,
        ChoiceRule.Agree => offered.MaxBy(other => other.Votes).Cell,
        ChoiceRule.All => row.Union(offered.Select(other => other.Cell)),
        _ => offered[0].Cell,
    };

    private bool IsBetter(TypedCell cell, EvaluatedRow row, long time, decimal confidence) => rule switch
    {
        ChoiceRule.Latest => time > best.Time,
        ChoiceRule.Confident => confidence > best.Confidence,
        ChoiceRule.Min => row.Compare(type, cell, offered[0].Cell) < 0,
        _ => row.Compare(type, cell, offered[0].Cell) > 0,
    };
}
