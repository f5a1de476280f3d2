using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>A lease as a worker in another language holds it: one text, the same over HTTP and in SQL.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Block">The block of calls that came with it, in the limit of its stage; 0 if that has none.</param>
/// <param name="Worker">Who holds it.</param>
internal readonly record struct LeaseHandle(Lease Lease, long Block, string Worker)
{
    private const int Parts = 8;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Lease.Range.Bucket}.{Lease.Range.Batch}.{Lease.Range.Stage}.{Lease.Lo}.{Lease.Hi}.{Lease.Token}.{Block}.{Worker}");

    public static bool TryParse(string text, out LeaseHandle handle)
    {
        handle = default;
        var parts = text.Split('.', Parts);
        if (parts.Length < Parts
            || !TryNumber<short>(parts[0], out var bucket) || !TryNumber<int>(parts[1], out var batch) || !TryNumber<short>(parts[2], out var stage)
            || !TryNumber<int>(parts[3], out var lo) || !TryNumber<int>(parts[4], out var hi) || !TryNumber<long>(parts[5], out var token)
            || !TryNumber<long>(parts[6], out var block))
        {
            return false;
        }

        handle = new(new(new(bucket, batch, stage), lo, hi, token), block, parts[7]);
        return true;
    }

    private static bool TryNumber<T>(string text, [MaybeNullWhen(false)] out T number)
        where T : INumberBase<T> =>
        T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
