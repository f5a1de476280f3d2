using System.Buffers;

namespace Enrichment.Json;

/// <summary>A serialiser writes an object of unknown size here: it stops at a limit instead of filling the memory.</summary>
internal sealed class BoundedBuffer(int limit) : IBufferWriter<byte>
{
    // A writer reserves the worst case of a string, six bytes a character, before it knows the real length.
    private const int WorstCase = 6;
    private readonly ArrayBufferWriter<byte> buffer = new();

    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    public void Advance(int count)
    {
        buffer.Advance(count);
        if (buffer.WrittenCount > limit)
        {
            throw new FullException();
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => buffer.GetMemory(Checked(sizeHint));

    public Span<byte> GetSpan(int sizeHint = 0) => buffer.GetSpan(Checked(sizeHint));

    private int Checked(int sizeHint) => sizeHint > ((long)limit * WorstCase) + 1024 ? throw new FullException() : sizeHint;

#pragma warning disable CA1032, CA1064 // Thrown and caught inside the gate alone.
    public sealed class FullException : Exception;
#pragma warning restore CA1032, CA1064
}
