using System.Buffers;
using System.IO.Pipelines;

namespace Enrichment.Callbacks;

/// <summary>The bytes of deliveries that this host holds, each from its first byte until it is stored or refused: bounded, since anybody may send them. Thread-safe.</summary>
internal sealed class HeldBytes(long most)
{
    private long held;

    private bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref held, bytes) <= most)
        {
            return true;
        }

        Interlocked.Add(ref held, -bytes);
        return false;
    }

    /// <summary>What one delivery holds. Disposing it gives it back, once.</summary>
    public sealed class Share(HeldBytes of) : IDisposable
    {
        private long bytes;

        /// <summary>Reads a body; what has come is what is held, so that a sender who only promises much takes nothing from others.</summary>
        /// <returns>Null if it may not be held: it is too large itself, or, busy, there are too many others.</returns>
        public async Task<(ReadOnlyMemory<byte>? Body, bool Busy)> ReadAsync(PipeReader reader, int most, CancellationToken cancellationToken)
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var large = read.Buffer.Length > most;
                if (large || !TryGrowTo(read.Buffer.Length))
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return (null, !large);
                }

                if (read.IsCompleted)
                {
                    var body = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return (body, false);
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }

        public bool TryGrow(long by)
        {
            if (!of.TryTake(by))
            {
                return false;
            }

            bytes += by;
            return true;
        }

        /// <summary>The same bytes, held by another; nothing is left here.</summary>
        public Share HandOn() => new(of) { bytes = Interlocked.Exchange(ref bytes, 0) };

        public void Dispose() => Interlocked.Add(ref of.held, -Interlocked.Exchange(ref bytes, 0));

        private bool TryGrowTo(long size) => size <= bytes || TryGrow(size - bytes);
    }
}
