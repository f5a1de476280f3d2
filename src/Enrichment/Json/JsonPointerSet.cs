using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Enrichment.Json;

/// <summary>Several places in a JSON value, found in one pass over its bytes, which ends with the last place.</summary>
/// <remarks>Nothing is allocated, because typed tables read every document of every item. Of equal names the first counts.</remarks>
internal sealed class JsonPointerSet
{
    private readonly Branch root = new([], -1);
    private readonly int places;
    private readonly List<Branch> inner = [];

    /// <param name="pointers">Each place once; a value is found under its number.</param>
    public JsonPointerSet(IReadOnlyList<JsonPointer> pointers)
    {
        places = pointers.Count;
        for (var place = 0; place < pointers.Count; place++)
        {
            pointers[place].Segments.Aggregate(root, (branch, segment) => branch.ChildOf(segment)).Place = place;
        }

        Number(root);
    }

    /// <summary>How many slices <see cref="Find"/> needs: one for each pointer, and one for each text that may hold JSON.</summary>
    public int Slots => places + inner.Count;

    /// <summary>
    /// The number of places at which an object or an array is expected. A string there is noted in its <see cref="SlotOf">slot</see>, an
    /// outer one under a lower number.
    /// </summary>
    public int Texts => inner.Count;

    public int SlotOf(int text) => places + text;

    /// <summary>Notes the values that are neither absent nor JSON's null.</summary>
    /// <param name="json">One JSON value.</param>
    /// <param name="offset">Where it begins in the bytes from which slices are counted.</param>
    /// <param name="found">One slice for each of the <see cref="Slots"/>, none found yet.</param>
    public void Find(ReadOnlySpan<byte> json, int offset, Span<JsonSlice> found)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        Visit(ref reader, root, offset, found, mayStop: root.Place < 0);
    }

    /// <summary>As <see cref="Find"/>, in the JSON that a string holds.</summary>
    /// <param name="text">The string's number.</param>
    /// <param name="json">What it holds.</param>
    /// <param name="offset">Where that begins.</param>
    /// <param name="found">The slices.</param>
    public void FindWithin(int text, ReadOnlySpan<byte> json, int offset, Span<JsonSlice> found)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        Visit(ref reader, inner[text], offset, found, mayStop: false);
    }

    private void Number(Branch branch)
    {
        if (branch.Children.Count == 0)
        {
            return;
        }

        branch.Text = places + inner.Count;
        inner.Add(branch);
        branch.Children.ForEach(Number);
    }

    private static void Visit(ref Utf8JsonReader reader, Branch branch, int offset, Span<JsonSlice> found, bool mayStop)
    {
        var (type, start) = (reader.TokenType, (int)reader.TokenStartIndex);
        var escaped = type == JsonTokenType.String && reader.ValueIsEscaped;
        if (type == JsonTokenType.StartObject && branch.Children.Count > 0)
        {
            var left = branch.Children.Count;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                Step(ref reader, branch.Named(ref reader), offset, found, ref left);
                if (mayStop && left == 0)
                {
                    return;
                }
            }
        }
        else if (type == JsonTokenType.StartArray && branch.Children.Count > 0)
        {
            var left = branch.Children.Count;
            for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                Step(ref reader, branch.At(index), offset, found, ref left);
                if (mayStop && left == 0)
                {
                    return;
                }
            }
        }
        else if (type == JsonTokenType.String && branch.Text >= 0 && !found[branch.Text].IsFound)
        {
            found[branch.Text] = new(offset + start, (int)reader.BytesConsumed - start, type, escaped);
        }
        else
        {
            reader.Skip();
        }

        if (branch.Place >= 0 && type != JsonTokenType.Null && !found[branch.Place].IsFound)
        {
            found[branch.Place] = new(offset + start, (int)reader.BytesConsumed - start, type, escaped);
        }
    }

    private static void Step(ref Utf8JsonReader reader, Branch? child, int offset, Span<JsonSlice> found, ref int left)
    {
        if (child is null)
        {
            reader.Skip();
            return;
        }

        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
        }

        left--;
        Visit(ref reader, child, offset, found, mayStop: false);
    }

    private sealed class Branch(byte[] name, int index)
    {
        // One bit for each length that a child's name has: most properties of a document are not looked for.
        private ulong lengths;

        public int Place { get; set; } = -1;

        public int Text { get; set; } = -1;

        public List<Branch> Children { get; } = [];

        public Branch ChildOf(string segment)
        {
            var bytes = Encoding.UTF8.GetBytes(segment);
            var child = Children.Find(child => child.Is(bytes));
            if (child is null)
            {
                child = new(bytes, int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1);
                Children.Add(child);
                lengths |= 1UL << Math.Min(bytes.Length, 63);
            }

            return child;
        }

        public Branch? Named(ref Utf8JsonReader reader)
        {
            if (reader.ValueIsEscaped)
            {
                foreach (var child in Children)
                {
                    if (child.IsAt(ref reader))
                    {
                        return child;
                    }
                }

                return null;
            }

            var name = reader.ValueSpan;
            if ((lengths & (1UL << Math.Min(name.Length, 63))) == 0)
            {
                return null;
            }

            foreach (var child in Children)
            {
                if (child.Is(name))
                {
                    return child;
                }
            }

            return null;
        }

        public Branch? At(int position)
        {
            foreach (var child in Children)
            {
                if (child.IsAt(position))
                {
                    return child;
                }
            }

            return null;
        }

        private bool Is(ReadOnlySpan<byte> other) => name.AsSpan().SequenceEqual(other);

        private bool IsAt(ref Utf8JsonReader reader) => reader.ValueTextEquals(name);

        private bool IsAt(int position) => index == position;
    }
}
