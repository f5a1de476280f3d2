using System.Globalization;
using System.Text;
using Enrichment.Json;
using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>Collects the rows of the next batch in one run of bytes, while the batch before it is still in use.</summary>
internal sealed class RowBuffer(UploadTally tally)
{
    private Half next = new();
    private Half last = new();
    private int start;
    private int rawBytes;

    /// <summary>Where the current row's JSON is written.</summary>
    public Utf8Sink Sink => next.Sink;

    public bool IsEmpty => Count == 0;

    /// <summary>Whether the batch must be handed on.</summary>
    public bool IsFull => Count >= UploadLimits.MaxBatchRows || Sink.Length + rawBytes >= UploadLimits.MaxBatchBytes;

    /// <summary>The bytes written for the current row.</summary>
    public int RowLength => Sink.Length - start;

    private int Count => next.Accepted.Count + next.Rejected.Count;

    public void Begin() => start = Sink.Length;

    public void Accept()
    {
        tally.Accept();
        next.Accepted.Add(new StagedRow(tally.Rows, Sink.Slice(start)));
    }

    public void Reject(long line, string code, string reason, ReadOnlySpan<byte> raw, long length)
    {
        Sink.Rewind(start);
        var row = new StagedReject(tally.Rows + 1, line, code, reason, Cut(raw, length));
        tally.Reject(row);
        next.Rejected.Add(row);
        rawBytes += row.Raw.Length;
    }

    public RowBatch Batch() => new(next.Accepted, next.Rejected);

    /// <summary>Begins another batch, in the memory of the one before the last.</summary>
    public void Turn()
    {
        (next, last) = (last, next);
        next.Clear();
        rawBytes = 0;
    }

    private static byte[] Cut(ReadOnlySpan<byte> raw, long length)
    {
        if (length <= UploadLimits.MaxRawBytes)
        {
            return raw.ToArray();
        }

        var end = Math.Min(raw.Length, UploadLimits.MaxRawBytes);
        while (end < raw.Length && end > 0 && (raw[end] & 0xC0) == 0x80)
        {
            end--; // Never cut a character in two.
        }

        var mark = string.Create(CultureInfo.InvariantCulture, $"… [cut: {length} bytes in all]");
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
