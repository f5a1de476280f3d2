using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Expressions;
using Enrichment.Json;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Definitions;

/// <summary>
/// Reads projections from JSON, strictly: what is not known is an error, because a misspelt source would otherwise leave a column empty.
/// </summary>
internal static class ProjectionReader
{
    public static Projection Read(DefinitionNode root)
    {
        var properties = root.Object("a projection", "$schema", "name", "table", "from", "key", "fold", "incomplete", "buckets", "columns", "children", "lists");
        if (properties.TryGetValue("$schema", out var schema))
        {
            schema.Text("the address of a JSON schema"); // For editors.
        }

        var name = Required(root, properties, "name").Text("the name of the projection");
        var table = properties.TryGetValue("table", out var named) ? named.Text("the name of the table") : name;
        var key = properties.TryGetValue("key", out var parts) ? Key(parts) : [];
        ProjectionColumn[] columns = [.. Required(root, properties, "columns").List("a list of columns").Select(Column)];
        BucketScale[] buckets = properties.TryGetValue("buckets", out var scales)
            ? [.. scales.Map("an object of scales by their names").Select(scale => Buckets(scale.Key, scale.Value))]
            : [];
        ProjectionChild[] children = properties.TryGetValue("children", out var tables)
            ? [.. tables.List("a list of child tables").Select(Child)]
            : [];
        ProjectionList[] lists = properties.TryGetValue("lists", out var known) ? [.. known.List("a list of lists").Select(List)] : [];
        const string Incomplete = "\"keep\" or \"leave_out\"";
        var leavesOut = properties.TryGetValue("incomplete", out var incomplete) && incomplete.Text(Incomplete) switch
        {
            "keep" => false,
            "leave_out" => true,
            _ => throw incomplete.Unexpected(Incomplete),
        };
        const string Fold = "\"row\" or \"columns\"";
        var folds = properties.TryGetValue("fold", out var fold) && fold.Text(Fold) switch
        {
            "row" => false,
            "columns" => true,
            _ => throw fold.Unexpected(Fold),
        };
        var workstreams = properties.TryGetValue("from", out var from) ? Workstreams(from) : [];
        Projection? projection = null;
        root.Use(_ => projection = new(name, table, key, buckets, columns, children, lists)
        {
            LeavesOutIncomplete = leavesOut,
            Workstreams = workstreams,
            FoldsColumns = folds,
        });
        return projection!;
    }

    private static ProjectionChild Child(DefinitionNode node)
    {
        const string Twins = "\"one\" or \"number\"";
        var properties = node.Object("a child table", "name", "table", "each", "key", "twins", "columns");
        var name = Required(node, properties, "name").Text("how expressions name the child table");
        var each = Required(node, properties, "each");
        return new()
        {
            Name = name,
            Table = properties.TryGetValue("table", out var table) ? table.Text("the name of the table") : name,
            Each = each.Element.ValueKind == JsonValueKind.Array
                ? [.. each.List("a list of sources in order of precedence").Select(Source)]
                : [Source(each)],
            Key = properties.TryGetValue("key", out var parts) ? Key(parts) : [],
            NumbersTwins = properties.TryGetValue("twins", out var twins) && twins.Text(Twins) switch
            {
                "one" => false,
                "number" => true,
                _ => throw twins.Unexpected(Twins),
            },
            Columns = [.. Required(node, properties, "columns").List("a list of columns").Select(column => Column(column, ElementSource))],
        };
    }

    private static string[] Workstreams(DefinitionNode node) =>
        Required(node, node.Object("what the rows are made from", "workstreams"), "workstreams") is var names
            && names.List("a list of workstreams") is { Count: > 0 } parts
            ? [.. parts.Select(part => part.Text("the name of a workstream"))]
            : throw node.Error("'workstreams' has a name at least. Name one, or remove 'from'.");

    private static string[] Key(DefinitionNode node) =>
        node.List("a list of columns") is { Count: > 0 } parts
            ? [.. parts.Select(part => part.Text("the name of a column"))]
            : throw node.Error("a key has a column at least. Name one, or remove 'key'.");

    private static ProjectionList List(DefinitionNode node)
    {
        var properties = node.Object("a list", "name", "workstream", "columns");
        return new()
        {
            Name = Required(node, properties, "name").Text("how expressions name the list"),
            Workstream = Required(node, properties, "workstream").Text("the name of a workstream"),
            Columns = [.. Required(node, properties, "columns").List("a list of columns").Select(Column)],
        };
    }

    private static ProjectionColumn Column(DefinitionNode node) => Column(node, Source);

    private static ProjectionColumn Column(DefinitionNode node, Func<DefinitionNode, ColumnSource> sourceOf)
    {
        var properties = node.Object("a column", "name", "type", "sources", "choose", "normalise", "default", "required", "hidden", "index", "search", "is", "compute", "version");
        var hidden = IsSet("hidden");
        if (properties.TryGetValue("is", out var expression))
        {
            return properties.Keys.Except(["name", "is", "hidden", "index", "search"]).Any()
                ? throw node.Error("a column with 'is' has neither 'type' nor 'sources' nor a rule: its expression gives all. Remove them, or 'is'.")
                : new(Required(node, properties, "name").Text("the name of the column"), expression.Text("an expression"))
                {
                    IsHidden = hidden,
                    IsIndexed = IsSet("index"),
                    IsSearched = IsSet("search"),
                };
        }

        var type = Required(node, properties, "type");
        if (properties.TryGetValue("compute", out var function))
        {
            return properties.Keys.Except(["name", "type", "compute", "version", "hidden", "index", "search"]).Any()
                ? throw node.Error("a column with 'compute' has neither 'sources' nor a rule: the function gives its value. Remove them, or 'compute'.")
                : Computed(node, properties, type, function) with
                {
                    IsHidden = hidden,
                    IsIndexed = IsSet("index"),
                    IsSearched = IsSet("search"),
                };
        }

        if (properties.TryGetValue("version", out var version))
        {
            throw version.Error("only a function has a version. Remove it, or name the function with 'compute'.");
        }

        return ColumnTypeWords.TryParse(type.Text($"one of {ColumnTypeWords.All}"), out var known)
            ? new(
                Required(node, properties, "name").Text("the name of the column"),
                known,
                [.. Required(node, properties, "sources").List("a list of sources in order of precedence").Select(sourceOf)])
            {
                Choose = properties.TryGetValue("choose", out var choose) ? Choice(choose) : ChoiceRule.First,
                Normalise = properties.TryGetValue("normalise", out var form) ? Form(form) : null,
                Default = properties.TryGetValue("default", out var value) ? Default(value) : null,
                IsRequired = IsSet("required"),
                IsHidden = hidden,
                IsIndexed = IsSet("index"),
                IsSearched = IsSet("search"),
            }
            : throw type.Unexpected($"one of {ColumnTypeWords.All}");

        bool IsSet(string name) => properties.TryGetValue(name, out var flag) && flag.Flag();
    }

    // The function itself is in the code of hosts.
    private static ProjectionColumn Computed(
        DefinitionNode node,
        Dictionary<string, DefinitionNode> properties,
        DefinitionNode type,
        DefinitionNode function)
    {
        const string Version = "the version of the function, a number from 1";
        return ColumnTypeWords.TryParse(type.Text($"one of {ColumnTypeWords.All}"), out var known)
            ? new(
                Required(node, properties, "name").Text("the name of the column"),
                known,
                new ComputedFunction(function.Text("the name of a function"), Required(node, properties, "version").Number(Version)))
            : throw type.Unexpected($"one of {ColumnTypeWords.All}");
    }

    private static BucketScale Buckets(string name, DefinitionNode node)
    {
        const string Form = "a number and its label, such as [50, \"1-50\"]";
        var properties = node.Object("a scale of buckets", "order", "map", "upTo");
        var order = Required(node, properties, "order").List("a list of labels, the lowest first").Select(Label).ToArray();
        var map = properties.TryGetValue("map", out var texts)
            ? texts.Map("an object of texts and their labels").ToDictionary(text => text.Key, text => Label(text.Value))
            : [];
        var upTo = properties.TryGetValue("upTo", out var bounds) ? bounds.List($"a list of pairs: {Form}").Select(Bound) : [];
        return new(name, order, map, [.. upTo]);

        static string Label(DefinitionNode label) => label.Text("a label");

        static (decimal, string) Bound(DefinitionNode pair) =>
            pair.List(Form) is [{ Element: { ValueKind: JsonValueKind.Number } most }, var label] && most.TryGetDecimal(out var number)
                ? (number, Label(label))
                : throw pair.Unexpected(Form);
    }

    private static ChoiceRule Choice(DefinitionNode node) =>
        ChoiceRuleWords.TryParse(node.Text($"one of {ChoiceRuleWords.All}"), out var rule)
            ? rule
            : throw node.Unexpected($"one of {ChoiceRuleWords.All}");

    private static TextForm Form(DefinitionNode node) =>
        TextForm.Find(node.Text($"one of {TextForm.All}")) ?? throw node.Unexpected($"one of {TextForm.All}");

    // A default of null is what a column has without one.
    private static string? Default(DefinitionNode node)
    {
        if (node.Element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        try
        {
            var json = CanonicalJson.Of(node.Element);
            return JsonGate.Default.TryAccept(json, out _, out var refusal)
                ? Encoding.UTF8.GetString(json)
                : throw node.Error(refusal.Reason);
        }
        catch (InvalidOperationException)
        {
            throw node.Error(GateRefusal.LoneSurrogate.Reason);
        }
    }

    private static ColumnSource ElementSource(DefinitionNode node)
    {
        var properties = node.Object("a source in an element", "pointer", "format", "observed", "confidence", "confidence_at");
        return new ElementSource(Pointer(Required(node, properties, "pointer")))
        {
            Confidence = properties.TryGetValue("confidence", out var trusted) ? Confidence(trusted) : null,
            Format = properties.TryGetValue("format", out var format) ? Format(format) : null,
            Observed = properties.TryGetValue("observed", out var when) ? Pointer(when) : null,
            ConfidenceAt = properties.TryGetValue("confidence_at", out var trust) ? Pointer(trust) : null,
        };
    }

    private static ColumnSource Source(DefinitionNode node)
    {
        const string Expected = "{\"field\": …}, {\"column\": …}, {\"result\": …, \"pointer\": …} or {\"result\": …, \"meta\": …}";
        var properties = node.Object("a source", "field", "column", "result", "pointer", "meta", "format", "observed", "confidence", "confidence_at");
        var (field, column, result, pointer) = (Find("field"), Find("column"), Find("result"), Find("pointer"));
        var (observed, confidenceAt) = (Find("observed"), Find("confidence_at"));
        if (Find("meta") is { } meta)
        {
            return properties.Keys.Except(["result", "meta", "confidence"]).Any() || result is null
                ? throw node.Error("a source with 'meta' has a 'result', and perhaps a 'confidence'. Remove the rest.")
                : new MetaSource(
                    result.Value.Text("the slug of a step"),
                    ResultMetaWords.Find(meta.Text($"one of {ResultMetaWords.All}")) ?? throw meta.Unexpected($"one of {ResultMetaWords.All}"))
                {
                    Confidence = Find("confidence") is { } sure ? Confidence(sure) : null,
                };
        }

        if (result is null && (observed ?? confidenceAt) is { } alone)
        {
            throw alone.Error("only a result says when a value was observed, or how much it is trusted. Remove it.");
        }

        var confidence = Find("confidence") is { } trusted ? Confidence(trusted) : (decimal?)null;
        var format = Find("format") is { } named ? Format(named) : null;
        return (field, column, result, pointer) switch
        {
            ({ } from, null, null, null) => new FieldSource(from.Text("the name of a field")) { Confidence = confidence, Format = format },
            (null, { } from, null, null) => new HeaderSource(from.Text("a header of the file")) { Confidence = confidence, Format = format },
            (null, null, { } from, { } at) => new ResultSource(from.Text("the slug of a step"), Pointers(at))
            {
                Confidence = confidence,
                Format = format,
                Observed = observed is { } when ? Pointer(when) : null,
                ConfidenceAt = confidenceAt is { } trust ? Pointer(trust) : null,
            },
            _ => throw node.Error($"a source is one of {Expected}."),
        };

        DefinitionNode? Find(string name) => properties.TryGetValue(name, out var value) ? value : null;
    }

    private static ValueFormat Format(DefinitionNode node) =>
        ValueFormat.Find(node.Text($"one of {ValueFormat.All}")) ?? throw node.Unexpected($"one of {ValueFormat.All}");

    private static decimal Confidence(DefinitionNode node) =>
        node.Element.ValueKind == JsonValueKind.Number && node.Element.TryGetDecimal(out var number)
            ? number
            : throw node.Unexpected("a number");

    private static JsonPointer[] Pointers(DefinitionNode node) =>
        node.Element.ValueKind == JsonValueKind.Array
            ? [.. node.List("JSON pointers, of which the first serves that has a value").Select(Pointer)]
            : [Pointer(node)];

    private static JsonPointer Pointer(DefinitionNode node)
    {
        JsonPointer? pointer = null;
        node.Use(value => pointer = JsonPointer.Parse(value.Text("a JSON pointer such as \"/company/domain\"")));
        return pointer!;
    }

    private static DefinitionNode Required(DefinitionNode node, Dictionary<string, DefinitionNode> properties, string name) =>
        properties.TryGetValue(name, out var value) ? value : throw node.Error($"'{name}' is missing.");
}
