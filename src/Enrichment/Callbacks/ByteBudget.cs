using System.Buffers;
using System.IO.Pipelines;

namespace Enrichment.Callbacks;

/// <summary>
/// The bytes of deliveries that this host holds, each from its first byte until it is stored or refused: bounded, because anybody may send
/// them. If they do not suffice, the body that has been read for longest is dropped: a slow or stopped sender blocks no other. Thread-safe.
/// </summary>
internal sealed class ByteBudget(long most, TimeProvider time)
{
    private readonly long most = most;
    private readonly TimeProvider time = time;
    private readonly Lock turn = new();

    // Incomplete bodies, the oldest first. A body with a genuine token is never dropped for one without.
    private readonly LinkedList<ByteShare> named = [];
    private readonly LinkedList<ByteShare> nameless = [];

    private long held;

    /// <summary>How a body was read.</summary>
    public enum Reading
    {
        Whole,
        TooLarge,
        TooSlow,
        BrokenOff,
        NoRoom,
    }

    /// <summary>What one delivery holds. Disposing it gives it back, once.</summary>
    /// <param name="of">Of what it is a share.</param>
    /// <param name="isNamed">Whether its sender has shown a token that hosts of this store made.</param>
    public sealed class ByteShare(ByteBudget of, bool isNamed) : IDisposable
    {
        private readonly LinkedList<ByteShare> others = isNamed ? of.named : of.nameless;
        private CancellationTokenSource? reading;
        private LinkedListNode<ByteShare>? place;
        private long bytes;
        private bool gone;

        /// <summary>
        /// Reads a body. Only received bytes are counted, so a sender that only announces many takes nothing from others.
        /// </summary>
        public async Task<(Reading How, ReadOnlyMemory<byte> Body)> ReadAsync(
            PipeReader reader,
            int mostBytes,
            TimeSpan timeout,
            CancellationToken cancellationToken)
        {
            using var late = new CancellationTokenSource(timeout, of.time);
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
            reading = ends;
            try
            {
                while (true)
                {
                    var read = await reader.ReadAsync(ends.Token).ConfigureAwait(false);
                    var large = read.Buffer.Length > mostBytes;
                    if (large || !TryGrow(read.Buffer.Length - bytes))
                    {
                        reader.AdvanceTo(read.Buffer.End);
                        return (large ? Reading.TooLarge : Reading.NoRoom, default);
                    }

                    if (read.IsCompleted)
                    {
                        // From here on it does not go any more.
                        var body = End() ? read.Buffer.ToArray() : null;
                        reader.AdvanceTo(read.Buffer.End);
                        return body is null ? (Reading.NoRoom, default) : (Reading.Whole, body);
                    }

                    reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return (gone ? Reading.NoRoom : Reading.TooSlow, default);
            }
            catch (IOException)
            {
                return (Reading.BrokenOff, default); // Its sender went away, or wrote no HTTP.
            }
            finally
            {
                End();
            }
        }

        /// <summary>Holds so many bytes more; false if there is no room, or this is the body that goes to make some.</summary>
        public bool TryGrow(long by)
        {
            lock (of.turn)
            {
                while (!gone && of.held + by > of.most)
                {
                    if ((of.nameless.First ?? (isNamed ? of.named.First : null)) is not { Value: var oldest })
                    {
                        return false;
                    }

                    oldest.GiveUp();
                }

                if (gone)
                {
                    return false;
                }

                of.held += by;
                bytes += by;
                if (reading is not null && bytes > 0)
                {
                    place ??= others.AddLast(this);
                }

                return true;
            }
        }

        /// <summary>The same bytes, held by another; nothing is left here.</summary>
        public ByteShare HandOn()
        {
            lock (of.turn)
            {
                var next = new ByteShare(of, isNamed) { bytes = bytes };
                bytes = 0;
                return next;
            }
        }

        public void Dispose()
        {
            lock (of.turn)
            {
                of.held -= bytes;
                bytes = 0;
            }
        }

        /// <returns>False if it had to go before.</returns>
        private bool End()
        {
            lock (of.turn)
            {
                Leave();
                reading = null;
                return !gone;
            }
        }

        private void GiveUp()
        {
            Leave();
            gone = true;
            of.held -= bytes;
            bytes = 0;
            _ = reading!.CancelAsync(); // On another thread: what it resumes wants this lock.
        }

        private void Leave()
        {
            if (place is not null)
            {
                others.Remove(place);
                place = null;
            }
        }
    }
}
