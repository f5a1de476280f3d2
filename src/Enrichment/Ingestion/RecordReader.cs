using System.Text;

namespace Enrichment.Ingestion;

/// <summary>Reads delimited text record by record. Its memory depends on the longest record that is allowed, not on the text.</summary>
internal sealed class RecordReader
{
    private const byte CtrlZ = 0x1A;
    private readonly Stream _text;
    private readonly RecordScanner _scanner;
    private byte[] _window = new byte[128 * 1024];
    private int _start;
    private int _end;
    private long _offset;
    private long _doubtUntil;
    private bool _complete;
    private int _lines;

    /// <param name="text">UTF-8.</param>
    /// <param name="delimiter">What separates cells.</param>
    /// <param name="line">The line on which the text begins, from 1.</param>
    public RecordReader(Stream text, char delimiter, long line)
    {
        _text = text;
        _scanner = new RecordScanner(Encoding.UTF8.GetBytes([delimiter]));
        Line = line;
    }

    /// <summary>The line on which the record begins.</summary>
    public long Line { get; private set; }

    /// <summary>The record; overwritten with the next.</summary>
    public RecordScanner Record => _scanner;

    /// <summary>Whether the record stands before the place where an earlier line's stray quote would have ended: it may be a part of a cell.</summary>
    public bool IsDoubtful { get; private set; }

    /// <summary>Makes the next record doubtful too.</summary>
    public void DoubtNext() => _doubtUntil = Math.Max(_doubtUntil, _offset + _start + _scanner.Length + 1);

    /// <exception cref="UploadException">A record does not end within the limit, and no quote explains it.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        Line += _lines;
        _start += _lines == 0 ? 0 : _scanner.Length;
        _lines = 0;
        if (_start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false))
            return false;
        while (!_scanner.Scan(_window, _start, _end, _complete))
        {
            if (_end - _start > UploadLimits.MaxRecordBytes)
            {
                TakeApart();
                break;
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
            if (_start == _end)
                return false;
        }

        long at = _offset + _start;
        IsDoubtful = at < _doubtUntil;
        if (_scanner.Damage is { } damage)
            _doubtUntil = Math.Max(_doubtUntil, at + damage.Until);
        _lines = _scanner.SpansLines ? LineEnds.Count(_scanner.Raw) + 1 : 1;
        return true;
    }

    /// <summary>A record beyond the limit: a quote that has been open over many lines is taken for damage, anything else cannot be read.</summary>
    private void TakeApart()
    {
        (bool open, int column) = _scanner.Pending;
        ReadOnlySpan<byte> record = _window.AsSpan(_start, _end - _start);
        bool spansLines = record.IndexOfAny((byte)'\r', (byte)'\n') >= 0;
        if (open && spansLines && _scanner.Scan(_window, _start, _end, complete: true) && _scanner.Damage is not null)
            return;
        throw new UploadException(
            "record_too_long",
            $"The record that begins on line {Line} does not end within {UploadLimits.MaxRecordBytes} bytes; there it is in its column {column}. "
            + "A wrong delimiter or line end does this, and so does a quote that is opened and never closed.");
    }

    /// <summary>Reads on behind what is in the window, and makes room for it. False if nothing was left.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_complete)
            return false;
        if (_start > 0)
        {
            _window.AsSpan(_start, _end - _start).CopyTo(_window);
            _offset += _start;
            (_start, _end) = (0, _end - _start);
        }

        if (_end > _window.Length / 2)
            Array.Resize(ref _window, _window.Length * 2);
        int read = await _text.ReadAsync(_window.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        _complete = read == 0;
        while (_complete && _end > 0 && _window[_end - 1] == CtrlZ)
            _end--; // Old systems end a text with Ctrl-Z: it belongs to no cell.
        return _end > 0;
    }
}
