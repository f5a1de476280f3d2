using System.Runtime.InteropServices;
using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Chooses among the cells that the sources of a column offer, one row after the other.</summary>
internal sealed class CellChoice(ColumnType type, ChoiceRule rule)
{
    // Up to so many cells are compared one by one.
    private const int Few = 16;

    private readonly List<(TypedCell Cell, int Place, int Votes)> offered = [];
    private readonly Dictionary<int, List<int>> alike = [];
    private int hashed;
    private (long Time, decimal Confidence) best;

    /// <summary>Instead of a place: of each source one.</summary>
    public const int Every = -1;

    public void Begin()
    {
        offered.Clear();
        alike.Clear();
        hashed = 0;
    }

    /// <summary>By what the chosen cell is the best: the time when it was observed, or how much it is trusted.</summary>
    public TypedCell Rank => rule == ChoiceRule.Latest ? TypedCell.OfWhole(best.Time) : TypedCell.OfNumber(best.Confidence);

    /// <param name="cell">What a source has. Sources come in their order.</param>
    /// <param name="place">Where it stands: a number among the places of all sources of the column.</param>
    /// <param name="row">The row whose bytes the cell uses.</param>
    /// <param name="time">When it was observed, in ticks.</param>
    /// <param name="confidence">How much it is trusted.</param>
    /// <returns>Whether it may be the chosen one; else its bytes are not needed.</returns>
    public bool Offer(TypedCell cell, int place, EvaluatedRow row, long time, decimal confidence)
    {
        var first = offered.Count == 0;
        switch (rule)
        {
            case ChoiceRule.Agree when FindEqual(cell, row) is var same and >= 0:
                offered[same] = offered[same] with { Votes = offered[same].Votes + 1 };
                return false;
            case ChoiceRule.Agree or ChoiceRule.All:
                offered.Add((cell, place, 1));
                return true;
            case var _ when first || IsBetter(cell, row, time, confidence):
                offered.Clear();
                offered.Add((cell, place, 1));
                best = (time, confidence);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The column's cell; null if no source has offered one.</summary>
    /// <param name="row">The row whose bytes the cells use.</param>
    /// <param name="place">Which place it is of, <see cref="Every"/>, or 0.</param>
    public TypedCell Chosen(EvaluatedRow row, out int place)
    {
        place = 0;
        if (offered.Count == 0)
        {
            return default;
        }

        if (rule == ChoiceRule.All)
        {
            place = Every;
            return row.Union(offered.Select(other => other.Cell));
        }

        var chosen = rule == ChoiceRule.Agree ? offered.MaxBy(other => other.Votes) : offered[0];
        place = chosen.Place;
        return chosen.Cell;
    }

    // The sources of a row are few; the items of a key may be many.
    private int FindEqual(TypedCell cell, EvaluatedRow row)
    {
        if (offered.Count <= Few)
        {
            return offered.FindIndex(other => row.AreEqual(type, other.Cell, cell));
        }

        for (; hashed < offered.Count; hashed++)
        {
            var hash = row.HashOf(type, offered[hashed].Cell);
            (CollectionsMarshal.GetValueRefOrAddDefault(alike, hash, out _) ??= []).Add(hashed);
        }

        var places = alike.GetValueOrDefault(row.HashOf(type, cell)) ?? [];
        var found = places.FindIndex(place => row.AreEqual(type, offered[place].Cell, cell));
        return found < 0 ? -1 : places[found];
    }

    private bool IsBetter(TypedCell cell, EvaluatedRow row, long time, decimal confidence) => rule switch
    {
        ChoiceRule.Latest => time > best.Time,
        ChoiceRule.Confident => confidence > best.Confidence,
        ChoiceRule.Min => row.Compare(type, cell, offered[0].Cell) < 0,
        _ => row.Compare(type, cell, offered[0].Cell) > 0,
    };
}
