using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Enrichment.Ingestion.Fields;

namespace Enrichment.Ingestion;

/// <summary>Declares a workstream, one call a rule.</summary>
public sealed partial class WorkstreamBuilder
{
    private readonly string name;
    private readonly int version;
    private readonly List<FieldHeaders> fields = [];
    private readonly List<string> required = [];
    private readonly List<ImmutableArray<string>> anyOf = [];
    private readonly SortedDictionary<string, JsonElement> steps = new(StringComparer.Ordinal);
    private readonly List<string> recognizedBy = [];
    private ListKind? list;
    private string? pipeline;

    internal WorkstreamBuilder(string name, int version)
    {
        this.name = name;
        this.version = version;
    }

    /// <summary>A field and headers of its own under which it may come, best first. Well-known headers need not be named.</summary>
    public WorkstreamBuilder Field(string field, params ReadOnlySpan<string> headers)
    {
        fields.Add(new FieldHeaders(field, [.. headers]));
        return this;
    }

    /// <summary>Rows in which one of these fields is blank are rejected.</summary>
    public WorkstreamBuilder Required(params ReadOnlySpan<string> fields)
    {
        required.AddRange(fields);
        return this;
    }

    /// <summary>Rows in which all of these fields are blank are rejected. Several groups must each have a value.</summary>
    public WorkstreamBuilder AnyOf(params ReadOnlySpan<string> fields)
    {
        anyOf.Add([.. fields]);
        return this;
    }

    /// <summary>Headers that only such lists have: a file that names no workstream and has two of them is taken for one.</summary>
    public WorkstreamBuilder RecognizedBy(params ReadOnlySpan<string> headers)
    {
        recognizedBy.AddRange(headers);
        return this;
    }

    /// <summary>Its rows are companies: a "Name" or "Phone" of which the headers do not say whose it is belongs to the company.</summary>
    public WorkstreamBuilder OfCompanies() => Of(ListKind.Companies);

    /// <summary>Its rows are people: a "Name" or "Phone" of which the headers do not say whose it is belongs to the person.</summary>
    public WorkstreamBuilder OfPersons() => Of(ListKind.Persons);

    internal WorkstreamBuilder Of(ListKind? list)
    {
        this.list = list;
        return this;
    }

    /// <summary>The pipeline that uploads run unless another is named.</summary>
    public WorkstreamBuilder Pipeline(string pipeline)
    {
        this.pipeline = pipeline;
        return this;
    }

    /// <summary>Settings of a step, as any value that System.Text.Json writes as an object.</summary>
    public WorkstreamBuilder Step(string slug, object settings) => Step(slug, JsonSerializer.SerializeToElement(settings));

    internal WorkstreamBuilder Step(string slug, JsonElement settings)
    {
        steps[slug] = settings;
        return this;
    }

    internal Workstream Build()
    {
        string[] faults = [.. Faults().Select(f => $"{f.Path}: {f.Fault}")];
        if (faults.Length > 0)
        {
            throw new ArgumentException($"The workstream '{name}' cannot be used. {string.Join(" ", faults)}");
        }

        return new Workstream(
            name, version, new HeaderMap([.. fields], [.. required], [.. anyOf], list),
            [.. recognizedBy], pipeline,
            steps.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }

    /// <summary>Everything that is wrong, by JSON path.</summary>
    internal IEnumerable<(string Path, string Fault)> Faults()
    {
        if (!NameForm().IsMatch(name))
        {
            yield return ("$.name", $"'{name}' is not a name; "
                + "expected small letters, digits, underscores and hyphens, beginning with a letter.");
        }

        if (version < 1)
        {
            yield return ("$.version", $"{version} is not a version; expected a whole number from 1.");
        }

        var declared = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            if (!FieldName.IsValid(field.Field))
            {
                yield return ($"$.fields['{field.Field}']", $"not a field's name; expected {FieldName.Form}.");
            }

            if (!declared.Add(field.Field))
            {
                yield return ($"$.fields['{field.Field}']", "declared twice; put all its headers in one place.");
            }

            if (field.Headers.IsDefaultOrEmpty || field.Headers.Any(string.IsNullOrWhiteSpace))
            {
                yield return ($"$.fields['{field.Field}']", "expected one header or more, none of them blank.");
            }
        }

        declared.UnionWith(FieldVocabulary.Shared.Fields.Select(f => f.Name));
        foreach (var field in required.Where(f => !declared.Contains(f)))
        {
            yield return ("$.required", Unknown(field));
        }

        for (var i = 0; i < anyOf.Count; i++)
        {
            if (anyOf[i].IsEmpty)
            {
                yield return ($"$.any_of[{i}]", "expected one field or more.");
            }

            foreach (var field in anyOf[i].Where(f => !declared.Contains(f)))
            {
                yield return ($"$.any_of[{i}]", Unknown(field));
            }
        }

        foreach (var (slug, settings) in steps.Where(s => s.Value.ValueKind != JsonValueKind.Object))
        {
            yield return ($"$.steps['{slug}']", $"expected an object of settings, found {Found(settings.ValueKind)}.");
        }
    }

    private static string Found(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };

    private static string Unknown(string field) => $"'{field}' is neither among the fields nor one that every list may have.";

    [GeneratedRegex(@"\A[a-z][a-z0-9_-]{0,62}\z", RegexOptions.NonBacktracking)]
    private static partial Regex NameForm();
}
