using System.Globalization;
using System.Text;
using Enrichment.Json;
using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>Collects the rows of the next batch in one run of bytes, while the batch before it is still in use.</summary>
internal sealed class RowBuffer(UploadTally tally)
{
    private Half _next = new();
    private Half _last = new();
    private int _start;
    private int _rawBytes;

    /// <summary>Where the current row's JSON is written.</summary>
    public Utf8Sink Sink => _next.Sink;

    public bool IsEmpty => Count == 0;

    /// <summary>Whether the batch must be handed on.</summary>
    public bool IsFull => Count >= UploadLimits.MaxBatchRows || Sink.Length + _rawBytes >= UploadLimits.MaxBatchBytes;

    /// <summary>The bytes written for the current row.</summary>
    public int RowLength => Sink.Length - _start;

    private int Count => _next.Accepted.Count + _next.Rejected.Count;

    public void Begin() => _start = Sink.Length;

    public void Accept()
    {
        tally.Accept();
        _next.Accepted.Add(new StagedRow(tally.Rows, Sink.Slice(_start)));
    }

    public void Reject(long line, string code, string reason, ReadOnlySpan<byte> raw, long length)
    {
        Sink.Rewind(_start);
        var row = new StagedReject(tally.Rows + 1, line, code, reason, Cut(raw, length));
        tally.Reject(row);
        _next.Rejected.Add(row);
        _rawBytes += row.Raw.Length;
    }

    public RowBatch Batch() => new(_next.Accepted, _next.Rejected);

    /// <summary>Begins another batch, in the memory of the one before the last.</summary>
    public void Turn()
    {
        (_next, _last) = (_last, _next);
        _next.Clear();
        _rawBytes = 0;
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

    private sealed class Half
    {
        public Utf8Sink Sink { get; } = new(256 * 1024);

        public List<StagedRow> Accepted { get; } = [];

        public List<StagedReject> Rejected { get; } = [];

        public void Clear()
        {
            Sink.Clear();
            Accepted.Clear();
            Rejected.Clear();
        }
    }
}
