using System.Buffers.Binary;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Where the cells of a row are from, as the table keeps it beside them.</summary>
/// <param name="Version">The version of the projection by whose definition the row was made.</param>
/// <param name="Places">
/// Of each column that the table has and that has sources, in order: which place served. <see cref="PlaceAt"/> finds it.
/// </param>
/// <param name="Attempts">Of each stage that the plan reads, in order: the attempt that its result is of; 0 if it has none.</param>
/// <remarks>
/// Written as the version, one byte for each column, then the attempts; numbers in groups of seven bits, the lowest first. The marks of
/// values that were looked up in lists come last. Rows of pruned batches are never written again, so what is written keeps its meaning.
/// </remarks>
internal sealed record RowOrigin(int Version, byte[] Places, int[] Attempts)
{
    /// <summary>The cell is null: no source has a value.</summary>
    public const byte None = 0;

    /// <summary>The column has more places than a byte can count.</summary>
    public const byte Uncounted = 253;

    /// <summary>The cell is the column's default.</summary>
    public const byte Default = 254;

    /// <summary>The cell has the values of all sources.</summary>
    public const byte Every = 255;

    private const int GroupBits = 7;
    private const int GroupMask = (1 << GroupBits) - 1;

    /// <summary>Appends a version or an attempt.</summary>
    public static void Append(Utf8Sink bytes, int number)
    {
        var rest = (uint)number;
        for (; rest > GroupMask; rest >>= GroupBits)
        {
            bytes.Append((byte)((rest & GroupMask) | (GroupMask + 1)));
        }

        bytes.Append((byte)rest);
    }

    /// <summary>Appends that a value was looked up in a list.</summary>
    public static void Append(Utf8Sink bytes, ListedValue value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes.Reserve(sizeof(ulong)), value.Mark);
        bytes.Advance(sizeof(ulong));
    }

    /// <summary>Whether the row looked up one of some values.</summary>
    /// <param name="bytes">What a row has.</param>
    /// <param name="columns">How many columns of its definition have sources.</param>
    /// <param name="stages">How many stages its plan reads.</param>
    /// <param name="marks">The marks of the values.</param>
    public static bool HasLookedUp(ReadOnlySpan<byte> bytes, int columns, int stages, HashSet<ulong> marks)
    {
        Take(ref bytes);
        bytes = bytes[columns..];
        for (var stage = 0; stage < stages; stage++)
        {
            Take(ref bytes);
        }

        for (; bytes.Length > 0; bytes = bytes[sizeof(ulong)..])
        {
            if (marks.Contains(BinaryPrimitives.ReadUInt64BigEndian(bytes)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The version alone, by whose definition the rest is read.</summary>
    public static int VersionOf(ReadOnlySpan<byte> bytes) => Take(ref bytes);

    /// <param name="bytes">What a row has.</param>
    /// <param name="plan">The definition of its version, resolved against the row's batch.</param>
    public static RowOrigin Read(ReadOnlySpan<byte> bytes, ProjectionPlan plan)
    {
        var version = Take(ref bytes);
        var places = bytes[..plan.Columns.Count(column => column.Stored.HasSources)].ToArray();
        bytes = bytes[places.Length..];
        var attempts = new int[plan.Stages.Count];
        for (var stage = 0; stage < attempts.Length; stage++)
        {
            attempts[stage] = Take(ref bytes);
        }

        return new(version, places, attempts);
    }

    /// <summary>The source and the place in it that a byte stands for; null if it stands for none.</summary>
    public static (PlannedSource Source, PlannedRead Read)? PlaceAt(PlannedColumn column, byte place) => place is None or >= Uncounted
        ? null
        : column.Sources.SelectMany(source => source.Reads.Select(read => (source, read))).ElementAt(place - 1);

    /// <summary>Takes a number from the beginning.</summary>
    public static int Take(ref ReadOnlySpan<byte> bytes)
    {
        var (number, shift) = (0u, 0);
        byte group;
        do
        {
            group = bytes[0];
            bytes = bytes[1..];
            number |= (uint)(group & GroupMask) << shift;
            shift += GroupBits;
        }
        while (group > GroupMask);

        return (int)number;
    }
}
