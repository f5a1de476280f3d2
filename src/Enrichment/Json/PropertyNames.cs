using System.Buffers.Binary;

namespace Enrichment.Json;

/// <summary>Finds a duplicate name among the properties of each open object, at no allocation for objects of ordinary size.</summary>
/// <remarks>Names are compared as canonical bytes in the gate's output, where an escaped and a plain spelling are the same.</remarks>
internal sealed class PropertyNames
{
    /// <summary>Above this many names in one object a set replaces the scan, so that a hostile object cannot cost quadratic time.</summary>
    private const int ScanLimit = 32;

    [ThreadStatic]
    private static PropertyNames? t_spare;

    private readonly (int Names, HashSet<string>? Set)[] _open = new (int, HashSet<string>?)[JsonGate.MaxDepth + 1];
    private readonly ulong[] _keys = new ulong[(JsonGate.MaxDepth + 1) * ScanLimit];
    private readonly (int Start, int Length)[] _places = new (int, int)[(JsonGate.MaxDepth + 1) * ScanLimit];
    private int _depth;
    private int _count;

    public static PropertyNames Rent()
    {
        PropertyNames names = t_spare ?? new PropertyNames();
        t_spare = null;
        return names;
    }

    public void Return()
    {
        while (_depth > 0)
            CloseObject();
        t_spare = this;
    }

    public void OpenObject() => _open[_depth++] = (_count, null);

    public void CloseObject()
    {
        _count = _open[--_depth].Names;
        _open[_depth].Set = null;
    }

    /// <summary>Notes the name that stands, quotes included, at the end of the output; false when its object has it already.</summary>
    public bool TryAdd(Utf8Sink output, int start)
    {
        ReadOnlySpan<byte> written = output.Written;
        ReadOnlySpan<byte> name = written[start..];
        ref (int Names, HashSet<string>? Set) current = ref _open[_depth - 1];
        if (current.Set is not null)
            return current.Set.Add(Text(name));

        ulong key = Key(name);
        for (int i = current.Names; i < _count; i++)
        {
            if (_keys[i] == key && written.Slice(_places[i].Start, _places[i].Length).SequenceEqual(name))
                return false;
        }

        if (_count - current.Names < ScanLimit)
        {
            _keys[_count] = key;
            _places[_count++] = (start, name.Length);
            return true;
        }

        current.Set = new HashSet<string>(StringComparer.Ordinal);
        for (int i = current.Names; i < _count; i++)
            current.Set.Add(Text(written.Slice(_places[i].Start, _places[i].Length)));
        return current.Set.Add(Text(name));
    }

    private static string Text(ReadOnlySpan<byte> name) => System.Text.Encoding.UTF8.GetString(name);

    /// <summary>The length and the last bytes: names of one object share beginnings (<c>company_</c>) more often than ends.</summary>
    private static ulong Key(ReadOnlySpan<byte> name)
    {
        const int last = sizeof(ulong) + 1; // The quote at the end tells nothing.
        if (name.Length >= last)
            return BinaryPrimitives.ReadUInt64LittleEndian(name[^last..]) + (ulong)name.Length;
        ulong key = (ulong)name.Length;
        foreach (byte b in name)
            key = (key << 8) | b;
        return key;
    }
}
