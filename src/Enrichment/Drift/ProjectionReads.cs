using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Consolidation;
using Enrichment.Json;

namespace Enrichment.Drift;

/// <summary>
/// What a projection's definition reads of a step's answers, found in its JSON, and how the definition would follow a change there.
/// </summary>
/// <param name="projection">The projection.</param>
/// <param name="produced">For each field that the step produces, its place in the step's result.</param>
internal sealed class ProjectionReads(Projection projection, IReadOnlyDictionary<string, string> produced)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonNode definition = JsonNode.Parse(projection.Definition.Span)!;

    /// <summary>The columns that read the place of a finding, or a part of it, in words.</summary>
    public IEnumerable<string> ReadersOf(StoredDrift drift) =>
        Reads(drift.Step)
            .Where(read => IsWithin(read.Path, drift.Drift.Path))
            .Select(read => $"column '{read.Column}' of projection '{projection.Name}'")
            .Distinct();

    /// <summary>The change of the definition that follows a finding, as JSON Patch (RFC 6902); null if there is none to propose.</summary>
    public string? PatchFor(StoredDrift drift)
    {
        var reads = Reads(drift.Step).ToList();
        var (path, counterpart) = (drift.Drift.Path, drift.Drift.Evidence.Counterpart);
        var operations = (drift.Drift.Kind, counterpart) switch
        {
            (DriftKind.NewPath, { } old) => Moved(reads, old, path),
            (DriftKind.VanishedPath, { } renamed) => Moved(reads, path, renamed),
            (DriftKind.NewPath, null) => Added(reads, drift),
            (DriftKind.NewKind, _) => Retyped(reads, path, drift.Drift),
            _ => [],
        };
        return operations.Count == 0 ? null : new JsonArray([.. operations]).ToJsonString(Plain);
    }

    // The new place is asked first, the old one after it: rebuilt tables go on reading the older answers. A pointer in an element of an
    // array cannot leave the element.
    private static List<JsonNode> Moved(List<DefinedRead> reads, string from, string to)
    {
        var operations = new List<JsonNode>();
        foreach (var read in Enumerable.Reverse(reads).Where(read => read.Place is not null && IsWithin(read.Path, from)))
        {
            var moved = to + read.Pointer[PrefixOf(read.Pointer, from)..];
            if (!IsWithin(moved, read.Element))
            {
                continue;
            }

            var (written, instead) = (read.Pointer[read.Element.Length..], moved[read.Element.Length..]);
            operations.Add(Operation("test", read.Place!, written));
            operations.Add(
                read.IsOneOfSeveral ? Operation("add", read.Place!, instead)
                : read.Element.Length > 0 ? Operation("add", read.Place![..read.Place!.LastIndexOf('/')], new JsonObject { ["pointer"] = instead })
                : Operation("replace", read.Place!, new JsonArray(instead, written)));
        }

        return operations;
    }

    // A new place is proposed to a projection that reads its neighbours.
    private List<JsonNode> Added(List<DefinedRead> reads, StoredDrift drift)
    {
        var path = drift.Drift.Path;
        var segments = path.Split('/');
        if (segments.Contains(AnswerPlace.Elements) || segments.Contains(AnswerPlace.Values) || definition["columns"] is not JsonArray columns
            || !reads.Exists(read => read is { Place: not null, Element.Length: 0 } && Parent(read.Path) == Parent(path)))
        {
            return [];
        }

        var names = columns.Select(column => (string?)column?["name"]).ToHashSet();
        var word = ColumnName(JsonPointer.Parse(path).Segments[^1]);
        var name = Enumerable.Range(1, names.Count + 1)
            .Select(number => number == 1 ? word : string.Create(CultureInfo.InvariantCulture, $"{word}_{number}"))
            .First(free => !names.Contains(free));
        return
        [
            Operation("add", "/columns/-", new JsonObject
            {
                ["name"] = name,
                ["type"] = TypeOf(drift.Drift.Evidence.Kind, drift.Drift.Sample),
                ["sources"] = new JsonArray(new JsonObject { ["result"] = drift.Step, ["pointer"] = path }),
            }),
        ];
    }

    private List<JsonNode> Retyped(List<DefinedRead> reads, string path, DetectedDrift drift)
    {
        var operations = new List<JsonNode>();
        foreach (var read in reads.Where(read => read.Path == path && read.ColumnPlace is not null))
        {
            var type = (string?)JsonPointerIn(read.ColumnPlace!)?["type"];
            if (type is not null && !Takes(type, drift))
            {
                operations.Add(Operation("test", $"{read.ColumnPlace}/type", type));
                operations.Add(Operation("replace", $"{read.ColumnPlace}/type", TypeOf(drift.Evidence.Kind, drift.Sample)));
            }
        }

        return [.. operations.DistinctBy(operation => operation.ToJsonString())];
    }

    private static bool Takes(string type, DetectedDrift drift) => drift.Evidence.Kind switch
    {
        JsonKind.Object => type == "json",
        JsonKind.Array => type is "json" or "text_list",
        JsonKind.String => type is not ("integer" or "number" or "boolean")
            || decimal.TryParse(drift.Sample, NumberStyles.Number, CultureInfo.InvariantCulture, out _),
        JsonKind.Number => type is "text" or "integer" or "number" or "json",
        _ => type is "text" or "boolean" or "json",
    };

    private static string TypeOf(JsonKind kind, string? sample) => kind switch
    {
        JsonKind.Object or JsonKind.Array => "json",
        JsonKind.Boolean => "boolean",
        JsonKind.Number => sample?.AsSpan().ContainsAny('.', 'e', 'E') == true ? "number" : "integer",
        _ => "text",
    };

    private static JsonObject Operation(string op, string path, JsonNode value) =>
        new JsonObject { ["op"] = op, ["path"] = path, ["value"] = value };

    private JsonNode? JsonPointerIn(string place) => JsonPointer.Parse(place).Segments.Aggregate(
        (JsonNode?)definition,
        (node, segment) => node is JsonArray array ? array[int.Parse(segment, CultureInfo.InvariantCulture)] : node?[segment]);

    private IEnumerable<DefinedRead> Reads(string step) => Find(definition, "", null, null, step);

    // Every object of the definition that names the step's result or a field of it, wherever it is.
    private IEnumerable<DefinedRead> Find(JsonNode? node, string place, string? column, string? columnPlace, string step)
    {
        if (node is JsonArray array)
        {
            return array.SelectMany((element, index) => Find(element, $"{place}/{index}", column, columnPlace, step));
        }

        if (node is not JsonObject found)
        {
            return [];
        }

        if (found["name"] is JsonValue name && (found["sources"] ?? found["each"]) is not null)
        {
            (column, columnPlace) = ((string?)name, place);
        }

        return Here(found, place, step)
            .Select(read => read with { Column = column ?? "", ColumnPlace = columnPlace })
            .Concat(found.SelectMany(member =>
                Find(member.Value, place + JsonPointer.ToProperty(member.Key), column, columnPlace, step)))
            .Concat(Elements(found, place, column, step));
    }

    private IEnumerable<DefinedRead> Here(JsonObject source, string place, string step) =>
        source["result"] is JsonValue result && result.TryGetValue<string>(out var slug) && slug == step
            ? Pointers(source["pointer"], $"{place}/pointer")
            : source["field"] is JsonValue field && field.TryGetValue<string>(out var known) && produced.TryGetValue(known, out var at)
                ? [new(null, at)]
                : [];

    // The pointers of a child table begin at an element of its array.
    private IEnumerable<DefinedRead> Elements(JsonObject child, string place, string? name, string step) =>
        from element in Find(child["each"], "", null, null, step).Select(read => $"{read.Pointer}/{AnswerPlace.Elements}")
        from column in child["columns"]?.AsArray().Select((column, index) => (Node: column!, Place: $"{place}/columns/{index}")) ?? []
        from source in column.Node["sources"]?.AsArray().Select((source, index) => (Node: source!, Place: $"{column.Place}/sources/{index}")) ?? []
        from read in Pointers(source.Node["pointer"], $"{source.Place}/pointer")
        select read with
        {
            Pointer = element + read.Pointer,
            Element = element,
            Column = $"{name}.{(string?)column.Node["name"]}",
            ColumnPlace = column.Place,
        };

    private static IEnumerable<DefinedRead> Pointers(JsonNode? pointer, string place) => pointer switch
    {
        JsonValue value => [new(place, value.GetValue<string>())],
        JsonArray several => several.Select((value, index) => new DefinedRead($"{place}/{index}", (string)value!) { IsOneOfSeveral = true }),
        _ => [],
    };

    private static bool IsWithin(string path, string place) =>
        path == place || path.StartsWith(place + "/", StringComparison.Ordinal);

    // An index of an array in the definition is one of the elements in the profile.
    private static string Generalised(string pointer) =>
        string.Join('/', pointer.Split('/').Select(segment => IsIndex(segment) ? AnswerPlace.Elements : segment));

    private static bool IsIndex(string segment) => segment.Length > 0 && segment.All(char.IsAsciiDigit);

    private static int PrefixOf(string pointer, string place)
    {
        var at = 0;
        foreach (var _ in place.Where(character => character == '/'))
        {
            at = pointer.IndexOf('/', at + 1) is var next and >= 0 ? next : pointer.Length;
        }

        return at;
    }

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static string ColumnName(string name)
    {
        var text = new StringBuilder();
        foreach (var character in name)
        {
            if (char.IsAsciiLetterUpper(character) && text.Length > 0 && char.IsAsciiLetterLower(text[^1]))
            {
                text.Append('_');
            }

            text.Append(char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_');
        }

        var word = text.ToString().Trim('_');
        return word.Length == 0 || char.IsAsciiDigit(word[0]) ? $"column_{word}".TrimEnd('_') : word;
    }

    /// <param name="Place">Where the pointer is in the definition; null if a field is named and the step says where it is.</param>
    /// <param name="Pointer">The pointer into the answer.</param>
    private sealed record DefinedRead(string? Place, string Pointer)
    {
        /// <summary>Where its column is; null if it belongs to none.</summary>
        public string? ColumnPlace { get; init; }

        /// <summary>The column's name.</summary>
        public string Column { get; init; } = "";

        /// <summary>Whether the source names several places.</summary>
        public bool IsOneOfSeveral { get; init; }

        /// <summary>The element of an array at which the written pointer begins; empty for the whole answer.</summary>
        public string Element { get; init; } = "";

        /// <summary>The place in the answers, as profiles name it.</summary>
        public string Path => Generalised(Pointer);
    }
}
