using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>The documents that a row is made of, and what the columns read in them.</summary>
/// <param name="count">How many there are.</param>
/// <remarks>A pointer goes on inside of a string that holds JSON, once: some vendors send JSON in strings.</remarks>
internal sealed class RowDocuments(int count)
{
    // The bytes of an empty object or array.
    private const int Empty = 2;

    private readonly List<JsonPointer>[] pointers = [.. Enumerable.Range(0, count).Select(_ => new List<JsonPointer>())];
    private readonly long[] times = new long[count];
    private readonly (int Start, int Length)[] ranges = new (int, int)[count];
    private readonly JsonSlice[,] metas = new JsonSlice[count, ResultMetaWords.Count];
    private readonly int[] answers = new int[count];
    private int[][] filled = [];
    private JsonPointerSet[] sets = [];
    private JsonSlice[][] found = [];

    /// <summary>The number under which a place of a document is found; below 0 if there is none.</summary>
    public int Place(int document, JsonPointer? pointer)
    {
        if (pointer is null)
        {
            return -1;
        }

        var places = pointers[document];
        if (!places.Contains(pointer))
        {
            places.Add(pointer);
        }

        return places.IndexOf(pointer);
    }

    /// <summary>The number under which what is known of a document is found.</summary>
    public static int Place(ResultMeta meta) => -2 - (int)meta;

    /// <summary>No more places follow.</summary>
    public void Seal()
    {
        sets = [.. pointers.Select(places => new JsonPointerSet(places))];
        found = [.. sets.Select(places => new JsonSlice[places.Slots])];
        filled = [.. pointers.Select(places => new int[places.Count])];
    }

    /// <summary>Begins the next row.</summary>
    public void Clear()
    {
        Array.Fill(times, long.MinValue);
        Array.Clear(ranges);
        Array.Clear(metas);
        foreach (var places in found)
        {
            Array.Clear(places);
        }
    }

    /// <summary>Finds the places of a document whose bytes the row has.</summary>
    /// <param name="document">Which one.</param>
    /// <param name="row">The row.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="isEntered">Whether it stands in a string itself: then no string in it is entered.</param>
    public void Find(int document, EvaluatedRow row, int start, int length, bool isEntered = false)
    {
        ranges[document] = (start, length);
        row.Find(sets[document], start, length, found[document], entersTexts: !isEntered);
    }

    /// <summary>Counts a document, if the row has it, and its places that have a value. An empty one says that nothing was found.</summary>
    public void Count(int document, EvaluatedRow row)
    {
        if (ranges[document].Length <= Empty)
        {
            return;
        }

        answers[document]++;
        var (places, counts) = (found[document], filled[document]);
        for (var place = 0; place < counts.Length; place++)
        {
            counts[place] += IsFilled(places[place], row) ? 1 : 0;
        }
    }

    /// <summary>What was counted of a document: how many there were, and in how many of them each place has a value.</summary>
    public (int Answers, IEnumerable<(string Path, int Filled)> Places) Counted(int document) =>
        (answers[document], pointers[document].Select((pointer, place) => (pointer.Text, filled[document][place])));

    // As the walk of drift counts: not null, not blank, not empty.
    private static bool IsFilled(JsonSlice value, EvaluatedRow row) => value.IsFound && value.Type switch
    {
        JsonTokenType.String => value.Escaped || !CellText.IsBlank(row.Bytes(row.ContentOf(value))),
        JsonTokenType.StartObject or JsonTokenType.StartArray => value.Length > Empty,
        _ => true,
    };

    /// <summary>Notes when a document was stored.</summary>
    public void Date(int document, DateTime time) => times[document] = time.Ticks;

    /// <summary>Notes what is known of a document beside its content, as JSON.</summary>
    public void Note(int document, ResultMeta meta, EvaluatedRow row, string json)
    {
        var (start, length) = row.Append(json);
        metas[document, (int)meta] = new(
            start,
            length,
            json[0] switch { '"' => JsonTokenType.String, 't' => JsonTokenType.True, _ => JsonTokenType.False },
            Escaped: false);
    }

    /// <summary>When it was stored, in ticks.</summary>
    public long Time(int document) => times[document];

    /// <summary>Whether a value stands in a string of its document, and not in the document itself.</summary>
    public bool IsEntered(int document, JsonSlice value) =>
        value.Start < ranges[document].Start || value.Start >= ranges[document].Start + ranges[document].Length;

    /// <summary>What is at a place.</summary>
    public JsonSlice At(int document, int place) => place >= 0 ? found[document][place] : metas[document, -2 - place];
}
