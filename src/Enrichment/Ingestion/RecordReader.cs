using System.Text;

namespace Enrichment.Ingestion;

/// <summary>Reads delimited text record by record. Its memory depends on the longest record that is allowed, not on the text.</summary>
internal sealed class RecordReader
{
    private const byte CtrlZ = 0x1A;
    private readonly Stream text;
    private readonly RecordScanner scanner;
    private byte[] window = new byte[128 * 1024];
    private int start;
    private int end;
    private long offset;
    private long doubtUntil;
    private bool complete;
    private int lines;

    /// <param name="text">UTF-8.</param>
    /// <param name="delimiter">What separates cells.</param>
    /// <param name="line">The line on which the text begins, from 1.</param>
    public RecordReader(Stream text, char delimiter, long line)
    {
        this.text = text;
        scanner = new RecordScanner(Encoding.UTF8.GetBytes([delimiter]));
        Line = line;
    }

    /// <summary>The line on which the record begins.</summary>
    public long Line { get; private set; }

    /// <summary>The record; overwritten with the next.</summary>
    public RecordScanner Record => scanner;

    /// <summary>
    /// Whether the record comes before the place where an earlier line's stray quote would have ended: it may be a part of a cell.
    /// </summary>
    public bool IsDoubtful { get; private set; }

    /// <summary>Makes the next record doubtful too.</summary>
    public void DoubtNext() => doubtUntil = Math.Max(doubtUntil, offset + start + scanner.Length + 1);

    /// <exception cref="UploadException">A record does not end within the limit, and no quote explains it.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        Line += lines;
        start += lines == 0 ? 0 : scanner.Length;
        lines = 0;
        if (start == end && !await FillAsync(cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        while (!scanner.Scan(window, start, end, complete))
        {
            if (end - start > UploadLimits.MaxRecordBytes)
            {
                TakeApart();
                break;
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
            if (start == end)
            {
                return false;
            }
        }

        var at = offset + start;
        IsDoubtful = at < doubtUntil;
        if (scanner.Damage is { } damage)
        {
            doubtUntil = Math.Max(doubtUntil, at + damage.Until);
        }

        lines = scanner.SpansLines ? LineEnds.Count(scanner.Raw) + 1 : 1;
        return true;
    }

    /// <summary>
    /// A record beyond the limit: a quote that has been open over many lines is taken for damage, anything else cannot be read.
    /// </summary>
    private void TakeApart()
    {
        var (open, column) = scanner.Pending;
        ReadOnlySpan<byte> record = window.AsSpan(start, end - start);
        var spansLines = record.IndexOfAny((byte)'\r', (byte)'\n') >= 0;
        if (open && spansLines && scanner.Scan(window, start, end, complete: true) && scanner.Damage is not null)
        {
            return;
        }

        throw new UploadException(
            "record_too_long",
            $"The record that begins on line {Line} does not end within {UploadLimits.MaxRecordBytes} bytes; "
            + $"at that point it is in column {column}. "
            + "A wrong delimiter or line end causes this, or a quote that is opened and never closed.");
    }

    /// <summary>Reads more behind the text in the window, and makes room for it. False if nothing was left.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (complete)
        {
            return false;
        }

        if (start > 0)
        {
            window.AsSpan(start, end - start).CopyTo(window);
            offset += start;
            (start, end) = (0, end - start);
        }

        if (end > window.Length / 2)
        {
            Array.Resize(ref window, window.Length * 2);
        }

        var read = await text.ReadAsync(window.AsMemory(end), cancellationToken).ConfigureAwait(false);
        end += read;
        complete = read == 0;
        while (complete && end > 0 && window[end - 1] == CtrlZ)
        {
            end--; // Old systems end a text with Ctrl-Z: it belongs to no cell.
        }

        return end > 0;
    }
}
