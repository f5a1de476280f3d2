namespace Enrichment.Consolidation;

/// <summary>An issue with the item that has it and the name of its column.</summary>
internal sealed record PlacedIssue(short Bucket, int Item, string Column, CellIssue Issue)
{
    /// <summary>About how many bytes it takes beside its value.</summary>
    public const int Overhead = 100;
}
