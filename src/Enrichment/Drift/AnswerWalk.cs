using System.Text;
using System.Text.Json;
using Enrichment.Json;

namespace Enrichment.Drift;

/// <summary>Walks answers and counts their places. Bounded, whatever the answers hold.</summary>
internal sealed class AnswerWalk
{
    public const int MostPlaces = 2_000;
    public const int MostNames = 100;
    public const int MostLevels = 8;

    // A longer name is data; and a path has to fit into an index.
    public const int LongestName = 64;
    public const int SampleLength = 200;

    private static readonly JsonReaderOptions Deep = new() { MaxDepth = JsonGate.MaxDepth + 1 };

    private readonly AnswerPlace whole = new();
    private int places = 1;
    private bool isCut;

    /// <summary>How many answers were walked.</summary>
    public int Answers { get; private set; }

    /// <param name="json">An answer: JSON that passed <see cref="JsonGate"/>.</param>
    public void Add(ReadOnlySpan<byte> json)
    {
        Walk(json, whole, level: 0, inText: false);
        Answers++;
    }

    public AnswerProfile ToProfile()
    {
        var paths = new Dictionary<string, PathCount>(StringComparer.Ordinal);
        Collect("", whole, paths);
        return new(Answers, isCut, paths);
    }

    private static void Collect(string path, AnswerPlace place, Dictionary<string, PathCount> paths)
    {
        paths.Add(path, place.ToCount());
        foreach (var (name, below) in place.Below)
        {
            Collect(path + JsonPointer.ToProperty(name), below, paths);
        }
    }

    private void Walk(ReadOnlySpan<byte> json, AnswerPlace place, int level, bool inText)
    {
        var reader = new Utf8JsonReader(json, Deep);
        reader.Read();
        Walk(ref reader, json, place, level, inText);
    }

    // A place is null if it is not counted: its value is passed over.
    private void Walk(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, AnswerPlace? place, int level, bool inText)
    {
        if (place is null)
        {
            reader.Skip();
            return;
        }

        var (start, kind) = ((int)reader.TokenStartIndex, KindOf(reader.TokenType));
        var isFilled = kind switch
        {
            JsonKind.Object => WalkObject(ref reader, json, place, level, inText),
            JsonKind.Array => WalkArray(ref reader, json, place, level, inText),
            JsonKind.String => WalkText(ref reader, place, level, inText),
            var other => other != JsonKind.Null,
        };

        // Of a text that holds JSON, the text is what a reader of the answer sees.
        place.Mark(Answers, kind, isFilled);
        if (isFilled && place.Lacks(kind))
        {
            place.Keep(kind, kind == JsonKind.String ? Beginning(reader.GetString()!)
                : Beginning(Encoding.UTF8.GetString(json[start..Math.Min((int)reader.BytesConsumed, start + (4 * SampleLength))])));
        }
    }

    private bool WalkObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, AnswerPlace place, int level, bool inText)
    {
        var isFilled = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isFilled = true;
            var below = level == MostLevels ? null : Below(place, reader.GetString()!);
            reader.Read();
            Walk(ref reader, json, below, level + 1, inText);
        }

        return isFilled;
    }

    private bool WalkArray(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, AnswerPlace place, int level, bool inText)
    {
        var isFilled = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            isFilled = true;
            Walk(ref reader, json, level == MostLevels ? null : Place(place, AnswerPlace.Elements), level + 1, inText);
        }

        return isFilled;
    }

    // Vendors wrap their answers in texts now and then: projections read through one such text, and so does the walk.
    private bool WalkText(ref Utf8JsonReader reader, AnswerPlace place, int level, bool inText)
    {
        var text = reader.GetString()!;
        var trimmed = text.AsSpan().Trim();
        if (!inText && trimmed is ['{', .., '}'] or ['[', .., ']'])
        {
            if (JsonGate.Default.TryAccept(Encoding.UTF8.GetBytes(text), out var json, out _))
            {
                WalkBelow(json, place, level);
            }
        }

        return trimmed.Length > 0;
    }

    private void WalkBelow(ReadOnlySpan<byte> json, AnswerPlace place, int level)
    {
        var reader = new Utf8JsonReader(json, Deep);
        reader.Read();
        _ = reader.TokenType == JsonTokenType.StartObject
            ? WalkObject(ref reader, json, place, level, inText: true)
            : WalkArray(ref reader, json, place, level, inText: true);
    }

    private AnswerPlace? Below(AnswerPlace place, string name)
    {
        if (name.Length > LongestName)
        {
            return null;
        }

        if (place.Below.TryGetValue(AnswerPlace.Values, out var folded))
        {
            return folded;
        }

        if (place.Below.Count == MostNames && !place.Below.ContainsKey(name))
        {
            places -= place.Fold();
            return place.Below[AnswerPlace.Values];
        }

        return Place(place, name);
    }

    private AnswerPlace? Place(AnswerPlace above, string name)
    {
        if (above.Below.TryGetValue(name, out var known))
        {
            return known;
        }

        if (places == MostPlaces)
        {
            isCut = true;
            return null;
        }

        places++;
        return above.Below[name] = new();
    }

    private static JsonKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => JsonKind.Object,
        JsonTokenType.StartArray => JsonKind.Array,
        JsonTokenType.String => JsonKind.String,
        JsonTokenType.Number => JsonKind.Number,
        JsonTokenType.True or JsonTokenType.False => JsonKind.Boolean,
        _ => JsonKind.Null,
    };

    // Half of a pair, or of a character's bytes, is no text that a store takes.
    private static string Beginning(string text)
    {
        var whole = text.TrimEnd('\uFFFD');
        return whole.Length <= SampleLength ? whole
            : whole[..(char.IsHighSurrogate(whole[SampleLength - 1]) ? SampleLength - 1 : SampleLength)] + "…";
    }
}
