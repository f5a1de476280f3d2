using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;
using Enrichment.Plans;

namespace Enrichment.External;

/// <summary>
/// A lease as an external worker holds it: one text, the same over HTTP and in SQL, that hosts of the store alone can make.
/// </summary>
/// <param name="Lease">The lease.</param>
/// <param name="Block">The block of calls that came with it, in the limit of its stage; 0 if that has none.</param>
/// <param name="Worker">Who holds it.</param>
internal readonly record struct LeaseHandle(Lease Lease, long Block, string Worker)
{
    private const string Purpose = "lease";
    private const int Parts = 8;
    private const int Code = 16;

    /// <summary>The number of the key that it was signed with, the code, and the lease. <c>held_lease</c> in SQL reads the same.</summary>
    public string Sign(KeyRing keys)
    {
        var name = ToString();
        Span<byte> code = stackalloc byte[Code];
        keys.Sign(keys.Newest, Purpose, Encoding.UTF8.GetBytes(name), code);
        return string.Create(CultureInfo.InvariantCulture, $"{keys.Newest}.{Convert.ToHexStringLower(code)}.{name}");
    }

    /// <summary>Reads one that came from outside. Nothing is asked of the store for one that was made up.</summary>
    /// <returns>Null if no host of the store made it.</returns>
    public static async ValueTask<LeaseHandle?> ReadAsync(string text, TokenKeys keys, CancellationToken cancellationToken)
    {
        var code = new byte[Code];
        return text.Split('.', 3) is [var number, var hexadecimal, var name]
            && TryNumber<byte>(number, out var key)
            && hexadecimal.Length == 2 * Code
            && Convert.FromHexString(hexadecimal, code, out _, out _) == System.Buffers.OperationStatus.Done
            && TryParse(name, out var handle)
            && (await keys.ReadAsync(key, cancellationToken).ConfigureAwait(false)).Recognises(
                key,
                Purpose,
                Encoding.UTF8.GetBytes(name),
                code)
            ? handle
            : null;
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Lease.Range.Bucket}.{Lease.Range.Batch}.{Lease.Range.Stage}.{Lease.Lo}.{Lease.Hi}.{Lease.Token}.{Block}.{Worker}");

    private static bool TryParse(string text, out LeaseHandle handle)
    {
        handle = default;
        var parts = text.Split('.', Parts);
        if (
            parts.Length < Parts
            || !TryNumber<short>(parts[0], out var bucket)
            || !TryNumber<int>(parts[1], out var batch)
            || !TryNumber<short>(parts[2], out var stage)
            || !TryNumber<int>(parts[3], out var lo)
            || !TryNumber<int>(parts[4], out var hi)
            || !TryNumber<long>(parts[5], out var token)
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
