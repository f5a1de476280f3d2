using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Enrichment.Drift;

/// <summary>
/// What the answers of a step look like: their places, and in how many answers each is there. Elements of arrays share the place <c>*</c>,
/// values of objects with very many names the place <c>{}</c>.
/// </summary>
/// <param name="Answers">How many answers were read.</param>
/// <param name="IsCut">Whether they have more places than are counted.</param>
/// <param name="Paths">The counts by place, written as a JSON pointer; the whole answer is the empty one.</param>
internal sealed record AnswerProfile(int Answers, bool IsCut, IReadOnlyDictionary<string, PathCount> Paths)
{
    private const int Kinds = 6;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// The counts as JSON: by place, present, filled, and the kinds; then, if all answers were counted there, how many there are and are
    /// filled. Holds no value of any answer.
    /// </summary>
    public string CountsToJson() => Write(writer =>
    {
        writer.WriteBoolean("cut", IsCut);
        writer.WriteStartObject("paths");
        foreach (var (path, count) in Ordered)
        {
            writer.WriteStartArray(path);
            writer.WriteNumberValue(count.Present);
            writer.WriteNumberValue(count.Filled);
            foreach (var kind in count.Kinds)
            {
                writer.WriteNumberValue(kind);
            }

            if (count.All > 0)
            {
                writer.WriteNumberValue(count.All);
                writer.WriteNumberValue(count.FilledOfAll);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    });

    /// <summary>The samples as JSON: personal data, kept no longer than the answers.</summary>
    public string SamplesToJson() => Write(writer =>
    {
        foreach (var (path, count) in Ordered.Where(place => place.Value.Sample is not null))
        {
            writer.WriteStartArray(path);
            foreach (var sample in count.Samples)
            {
                writer.WriteStringValue(sample);
            }

            writer.WriteEndArray();
        }
    });

    /// <summary>Reads what <see cref="CountsToJson"/> and <see cref="SamplesToJson"/> wrote.</summary>
    /// <param name="answers">How many answers were read.</param>
    /// <param name="counts">The counts.</param>
    /// <param name="samples">The samples; null if they are deleted.</param>
    public static AnswerProfile FromJson(int answers, string counts, string? samples)
    {
        var paths = new Dictionary<string, PathCount>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(counts);
        foreach (var place in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            var count = new PathCount { Present = place.Value[0].GetInt32(), Filled = place.Value[1].GetInt32() };
            for (var kind = 0; kind < Kinds; kind++)
            {
                count.Kinds[kind] = place.Value[kind + 2].GetInt32();
            }

            if (place.Value.GetArrayLength() > Kinds + 2)
            {
                (count.All, count.FilledOfAll) = (place.Value[Kinds + 2].GetInt32(), place.Value[Kinds + 3].GetInt32());
            }

            paths.Add(place.Name, count);
        }

        using var values = JsonDocument.Parse(samples ?? "{}");
        foreach (var place in values.RootElement.EnumerateObject())
        {
            for (var kind = 0; kind < Kinds; kind++)
            {
                paths[place.Name].Samples[kind] = place.Value[kind].GetString();
            }
        }

        return new(answers, document.RootElement.GetProperty("cut").GetBoolean(), paths);
    }

    private IEnumerable<KeyValuePair<string, PathCount>> Ordered => Paths.OrderBy(place => place.Key, StringComparer.Ordinal);

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plain))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
