using System.Text.Json;

namespace Enrichment.Consolidation;

/// <summary>Writes a projection in the form in which files hold it, every choice spelt out.</summary>
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
            writer.WriteStartArray("key");
            foreach (var part in projection.Key)
            {
                writer.WriteStringValue(part);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("columns");
            foreach (var column in projection.Columns)
            {
                Write(writer, column);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, ProjectionColumn column)
    {
        writer.WriteStartObject();
        writer.WriteString("name", column.Name);
        writer.WriteString("type", column.Type.Word());
        writer.WriteStartArray("sources");
        foreach (var source in column.Sources)
        {
            writer.WriteStartObject();
            switch (source)
            {
                case FieldSource { Field: var field }:
                    writer.WriteString("field", field);
                    break;
                case ResultSource { Step: var step, Pointer: var pointer }:
                    writer.WriteString("result", step);
                    writer.WriteString("pointer", pointer.Text);
                    break;
                case HeaderSource { Header: var header }:
                    writer.WriteString("column", header);
                    break;
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
