namespace Enrichment.Ingestion;

/// <summary>The columns of an upload in their order, and the fields they feed.</summary>
internal sealed class UploadColumns
{
    public UploadColumns(IReadOnlyList<string> headers, HeaderBinding binding)
    {
        Headers = headers;
        Names = [.. headers.Select((h, i) => string.IsNullOrWhiteSpace(h) ? $"column {i + 1}" : h.Trim())];
        Binding = binding;
    }

    public static UploadColumns None { get; } = ColumnBinder.Plain().Bind([]);

    public int Count => Headers.Count;

    /// <summary>The headers as they are in the file; they may be blank or equal.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <summary>What to call a column in front of people: its header, or its position where it has none.</summary>
    public IReadOnlyList<string> Names { get; }

    public HeaderBinding Binding { get; }
}
