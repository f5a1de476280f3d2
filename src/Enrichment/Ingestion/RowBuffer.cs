using System.Globalization;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>Collects the rows of the next batch in one run of bytes.</summary>
internal sealed class RowBuffer(UploadTally tally)
{
    private readonly List<StagedRow> _accepted = [];
    private readonly List<StagedReject> _rejected = [];
    private int _start;
    private int _rawBytes;

    /// <summary>Where the current row's JSON is written.</summary>
    public Utf8Sink Sink { get; } = new(256 * 1024);

    public bool IsEmpty => _accepted.Count + _rejected.Count == 0;

    /// <summary>Whether the batch must be handed on: it is large, or the next row falls into another bucket.</summary>
    public bool IsFull => !IsEmpty && (tally.Rows % Bucket.RowsPerRun == 0 || Sink.Length + _rawBytes >= UploadLimits.MaxBatchBytes);

    /// <summary>The bytes written for the current row.</summary>
    public int RowLength => Sink.Length - _start;

    public void Begin() => _start = Sink.Length;

    public void Accept()
    {
        tally.Accept();
        _accepted.Add(new StagedRow(tally.Rows, Sink.Slice(_start)));
    }

    public void Reject(long line, string code, string reason, ReadOnlySpan<byte> raw, long length)
    {
        Sink.Rewind(_start);
        var row = new StagedReject(tally.Rows + 1, line, code, reason, Cut(raw, length));
        tally.Reject(row);
        _rejected.Add(row);
        _rawBytes += row.Raw.Length;
    }

    public RowBatch Batch() => new(_accepted, _rejected);

    public void Clear()
    {
        _accepted.Clear();
        _rejected.Clear();
        _rawBytes = 0;
        Sink.Clear();
    }

    private static byte[] Cut(ReadOnlySpan<byte> raw, long length)
    {
        if (length <= UploadLimits.MaxRawBytes)
            return raw.ToArray();
        int end = Math.Min(raw.Length, UploadLimits.MaxRawBytes);
        while (end < raw.Length && end > 0 && (raw[end] & 0xC0) == 0x80)
            end--; // Never cut a character in two.
        string mark = string.Create(CultureInfo.InvariantCulture, $"… [cut: {length} bytes in all]");
        return [.. raw[..end], .. Encoding.UTF8.GetBytes(mark)];
    }
}
