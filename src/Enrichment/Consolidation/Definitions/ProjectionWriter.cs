using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Expressions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Definitions;

/// <summary>Writes a projection in the form in which files hold it, with what was chosen and no more.</summary>
internal static class ProjectionWriter
{
    public static byte[] Write(Projection projection)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("name", projection.Name);
            writer.WriteString("table", projection.Table);
            if (projection.Workstreams.Count > 0)
            {
                writer.WriteStartObject("from");
                WriteTexts(writer, "workstreams", projection.Workstreams);
                writer.WriteEndObject();
            }

            WriteKey(writer, projection.Key);
            if (projection.FoldsColumns)
            {
                writer.WriteString("fold", "columns");
            }

            if (projection.LeavesOutIncomplete)
            {
                writer.WriteString("incomplete", "leave_out");
            }

            if (projection.Buckets.Count > 0)
            {
                writer.WriteStartObject("buckets");
                foreach (var scale in projection.Buckets)
                {
                    Write(writer, scale);
                }

                writer.WriteEndObject();
            }

            WriteEach(writer, "columns", projection.Declared, Write);
            if (projection.Children.Count > 0)
            {
                WriteEach(writer, "children", projection.Children, Write);
            }

            if (projection.Lists.Count > 0)
            {
                WriteEach(writer, "lists", projection.Lists, Write);
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>A child table in the form in which files hold it.</summary>
    public static string Text(ProjectionChild child) => Text(writer => Write(writer, child));

    /// <summary>A list in the form in which files hold it.</summary>
    public static string Text(ProjectionList list) => Text(writer => Write(writer, list));

    private static string Text(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // A file cannot say that there is a key of no columns.
    private static void WriteKey(Utf8JsonWriter writer, IReadOnlyList<string> key)
    {
        if (key.Count > 0)
        {
            WriteTexts(writer, "key", key);
        }
    }

    private static void WriteTexts(Utf8JsonWriter writer, string property, IEnumerable<string> texts) =>
        WriteEach(writer, property, texts, static (writer, text) => writer.WriteStringValue(text));

    private static void WriteEach<T>(Utf8JsonWriter writer, string property, IEnumerable<T> parts, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(property);
        foreach (var part in parts)
        {
            write(writer, part);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ProjectionChild child)
    {
        writer.WriteStartObject();
        writer.WriteString("name", child.Name);
        writer.WriteString("table", child.Table);
        WriteEach(writer, "each", child.Each, Write);
        WriteKey(writer, child.Key);
        if (child.NumbersTwins)
        {
            writer.WriteString("twins", "number");
        }

        WriteEach(writer, "columns", child.Columns, Write);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ProjectionList list)
    {
        writer.WriteStartObject();
        writer.WriteString("name", list.Name);
        writer.WriteString("workstream", list.Workstream);
        WriteEach(writer, "columns", list.Columns, Write);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ProjectionColumn column)
    {
        writer.WriteStartObject();
        writer.WriteString("name", column.Name);
        if (column.Expression is { } expression)
        {
            writer.WriteString("is", expression);
            WriteUse(writer, column);
            writer.WriteEndObject();
            return;
        }

        writer.WriteString("type", column.Type.Word());
        if (column.Function is { } function)
        {
            writer.WriteString("compute", function.Name);
            writer.WriteNumber("version", function.Version);
            WriteUse(writer, column);
            writer.WriteEndObject();
            return;
        }

        WriteEach(writer, "sources", column.Sources, Write);
        WriteRules(writer, column);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<JsonPointer> pointers)
    {
        if (pointers.Count == 1)
        {
            writer.WriteString("pointer", pointers[0].Text);
            return;
        }

        WriteTexts(writer, "pointer", pointers.Select(pointer => pointer.Text));
    }

    private static void Write(Utf8JsonWriter writer, BucketScale scale)
    {
        writer.WriteStartObject(scale.Name);
        WriteTexts(writer, "order", scale.Labels);
        writer.WriteStartObject("map");
        foreach (var (text, label) in scale.Map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteString(text, label);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("upTo");
        foreach (var (most, label) in scale.UpTo)
        {
            writer.WriteStartArray();
            writer.WriteRawValue(CellNumber.Format(most));
            writer.WriteStringValue(label);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ColumnSource source)
    {
        writer.WriteStartObject();
        switch (source)
        {
            case FieldSource { Field: var field }:
                writer.WriteString("field", field);
                break;
            case ResultSource { Step: var step, Pointers: var pointers }:
                writer.WriteString("result", step);
                Write(writer, pointers);
                break;
            case MetaSource { Step: var step, Meta: var meta }:
                writer.WriteString("result", step);
                writer.WriteString("meta", meta.Word());
                break;
            case HeaderSource { Header: var header }:
                writer.WriteString("column", header);
                break;
            case ElementSource { Pointer: var place }:
                writer.WriteString("pointer", place.Text);
                break;
        }

        if (source.Format is { } format)
        {
            writer.WriteString("format", format.Name);
        }

        WriteTrust(writer, source);
        writer.WriteEndObject();
    }

    private static void WriteTrust(Utf8JsonWriter writer, ColumnSource source)
    {
        if (source.Observed is { } observed)
        {
            writer.WriteString("observed", observed.Text);
        }

        if (source.Confidence is { } confidence)
        {
            writer.WriteNumber("confidence", confidence);
        }

        if (source.ConfidenceAt is { } at)
        {
            writer.WriteString("confidence_at", at.Text);
        }
    }

    private static void WriteRules(Utf8JsonWriter writer, ProjectionColumn column)
    {
        if (column.Choose != ChoiceRule.First)
        {
            writer.WriteString("choose", column.Choose.Word());
        }

        if (column.Normalise is { } form)
        {
            writer.WriteString("normalise", form.Name);
        }

        if (column.Default is { } value)
        {
            writer.WritePropertyName("default");
            writer.WriteRawValue(value);
        }

        if (column.IsRequired)
        {
            writer.WriteBoolean("required", true);
        }

        WriteUse(writer, column);
    }

    private static void WriteUse(Utf8JsonWriter writer, ProjectionColumn column)
    {
        if (column.IsHidden)
        {
            writer.WriteBoolean("hidden", true);
        }

        if (column.IsIndexed)
        {
            writer.WriteBoolean("index", true);
        }

        if (column.IsSearched)
        {
            writer.WriteBoolean("search", true);
        }
    }
}
