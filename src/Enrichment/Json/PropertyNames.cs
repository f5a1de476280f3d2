using System.Buffers.Binary;

namespace Enrichment.Json;

/// <summary>Finds a duplicate name among the properties of each open object, at no allocation for objects of ordinary size.</summary>
/// <remarks>Names are compared as canonical bytes in the gate's output, where an escaped and a plain spelling are the same.</remarks>
internal sealed class PropertyNames
{
    /// <summary>Above this many names in one object a set replaces the scan, so that a hostile object cannot cost quadratic time.</summary>
    private const int ScanLimit = 32;

    [ThreadStatic]
    private static PropertyNames? spare;

    private readonly (int Names, HashSet<string>? Set)[] open = new (int, HashSet<string>?)[JsonGate.MaxDepth + 1];
    private readonly ulong[] keys = new ulong[(JsonGate.MaxDepth + 1) * ScanLimit];
    private readonly (int Start, int Length)[] places = new (int, int)[(JsonGate.MaxDepth + 1) * ScanLimit];
    private int depth;
    private int count;

    public static PropertyNames Rent()
    {
        var names = spare ?? new PropertyNames();
        spare = null;
        return names;
    }

    public void Return()
    {
        while (depth > 0)
        {
            CloseObject();
        }

        spare = this;
    }

    public void OpenObject() => open[depth++] = (count, null);

    public void CloseObject()
    {
        count = open[--depth].Names;
        open[depth].Set = null;
    }

    /// <summary>Notes the name at the end of the output, quotes included; false if its object has that name already.</summary>
    public bool TryAdd(Utf8Sink output, int start)
    {
        var written = output.Written;
        var name = written[start..];
        ref var current = ref open[depth - 1];
        if (current.Set is not null)
        {
            return current.Set.Add(Text(name));
        }

        var key = Key(name);
        for (var i = current.Names; i < count; i++)
        {
            if (keys[i] == key && written.Slice(places[i].Start, places[i].Length).SequenceEqual(name))
            {
                return false;
            }
        }

        if (count - current.Names < ScanLimit)
        {
            keys[count] = key;
            places[count++] = (start, name.Length);
            return true;
        }

        current.Set = new HashSet<string>(StringComparer.Ordinal);
        for (var i = current.Names; i < count; i++)
        {
            current.Set.Add(Text(written.Slice(places[i].Start, places[i].Length)));
        }

        return current.Set.Add(Text(name));
    }

    private static string Text(ReadOnlySpan<byte> name) => System.Text.Encoding.UTF8.GetString(name);

    /// <summary>The length and the last bytes: names of one object share beginnings (<c>company_</c>) more often than ends.</summary>
    private static ulong Key(ReadOnlySpan<byte> name)
    {
        const int last = sizeof(ulong) + 1; // The quote at the end tells nothing.
        if (name.Length >= last)
        {
            return BinaryPrimitives.ReadUInt64LittleEndian(name[^last..]) + (ulong)name.Length;
        }

        var key = (ulong)name.Length;
        foreach (var b in name)
        {
            key = (key << 8) | b;
        }

        return key;
    }
}
