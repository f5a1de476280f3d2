namespace Enrichment.Ingestion;

/// <summary>How a file would be staged. Nothing is stored.</summary>
/// <remarks>It has values of the file, and so personal data: show it to the operator, and log nothing of it.</remarks>
public sealed record UploadPreview
{
    /// <summary>How it is read, what is mapped, what would be rejected and why.</summary>
    public required UploadReport Report { get; init; }

    /// <summary>The columns in their order.</summary>
    public required IReadOnlyList<ColumnPreview> Columns { get; init; }

    /// <summary>
    /// The client's youngest upload with the same bytes; null if there is none. Read by the same workstream in the same way, the file would
    /// add nothing to it.
    /// </summary>
    public Upload? SameContent { get; init; }
}

/// <summary>A column of a file that is not staged yet.</summary>
/// <param name="Column">The column.</param>
/// <param name="Field">The field that it feeds; null for none.</param>
/// <param name="Filled">How many of the rows that would be accepted have a value in it that is not blank.</param>
/// <param name="Samples">The first different values, at most 5, each cut after 80 characters.</param>
public sealed record ColumnPreview(UploadColumn Column, string? Field, int Filled, IReadOnlyList<string> Samples);
