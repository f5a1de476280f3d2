namespace Enrichment.Consolidation.Evaluation;

/// <summary>An issue with the item that has it and the name of its column.</summary>
internal sealed record PlacedIssue(short Bucket, int Batch, int Item, string Column, CellIssue Issue)
{
    /// <summary>
    /// The number of an issue of a row that was folded from several items. Its bucket is the row's, its item the youngest.
    /// </summary>
    public const int OfFoldedRow = -1;

    /// <summary>
    /// Its number among the issues of the item's children, from 1; 0 if it is of the row itself; <see cref="OfFoldedRow"/>.
    /// </summary>
    public int Number { get; init; }

    /// <summary>The key of the child row; null if there is none.</summary>
    public UInt128? Key { get; init; }

    /// <summary>About how many bytes it takes beside its value.</summary>
    public const int Overhead = 100;
}
