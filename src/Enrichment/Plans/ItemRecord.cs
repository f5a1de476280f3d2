using System.Text.Json;
using Enrichment.Normalization;
using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment.Plans;

/// <summary>The record of one item, read from the stored UTF-8 on demand.</summary>
/// <param name="shape">Where fields come from.</param>
/// <param name="raw">The uploaded row, a JSON array of cells by position; cells missing at its end are absent.</param>
/// <param name="results">The results of earlier stages.</param>
internal sealed class ItemRecord(
    RecordShape shape, ReadOnlyMemory<byte> raw, IReadOnlyList<(short Stage, ReadOnlyMemory<byte> Result)> results) : EnrichmentRecord
{
    // In bytes of UTF-8, escapes included: nearly every cell, for which nothing is allocated.
    private const int ShortText = 64;
    private int[]? cells;

    public ItemRecord(RecordShape shape, ClaimedItem item)
        : this(shape, item.Raw, item.Results)
    {
    }

    public override JsonElement? Value(string field) => TryFind(field, out var reader, out _) ? JsonElement.ParseValue(ref reader) : null;

    public override string? Text(string field) =>
        TryFind(field, out var reader, out _) && !IsNested(ref reader) ? TextOf(ref reader) : null;

    /// <summary>
    /// What an export shows: <see cref="Text"/>, and an object or a list that a step answered. One that was uploaded is in its own column.
    /// </summary>
    public string? Shown(string field) =>
        TryFind(field, out var reader, out var answered) && (answered || !IsNested(ref reader)) ? TextOf(ref reader) : null;

    public override string? Column(string header) =>
        shape.Position(header) is { } position && TryReadCell(position, out var reader) ? TextOf(ref reader) : null;

    private bool TryFind(string field, out Utf8JsonReader reader, out bool answered)
    {
        answered = true;
        var source = shape.Source(field);
        foreach (var answer in source.Answers)
        {
            if (TryGetResult(answer.Stage, out var result) && answer.Pointer.TryFind(result, out reader)
                && reader.TokenType != JsonTokenType.Null)
            {
                return true;
            }
        }

        answered = false;
        foreach (var position in source.Positions)
        {
            if (TryReadCell(position, out reader) && !StandsForNothing(ref reader, field))
            {
                return true;
            }
        }

        reader = default;
        return false;
    }

    private bool TryGetResult(short stage, out ReadOnlySpan<byte> result)
    {
        for (var i = results.Count - 1; i >= 0; i--)
        {
            if (results[i].Stage == stage)
            {
                result = results[i].Result.Span;
                return true;
            }
        }

        result = default;
        return false;
    }

    private bool TryReadCell(int position, out Utf8JsonReader reader)
    {
        cells ??= FindCells();
        reader = default;
        if (cells[position] == 0)
        {
            return false;
        }

        reader = new(raw.Span[cells[position]..], isFinalBlock: true, state: default);
        reader.Read();
        return reader.TokenType != JsonTokenType.Null;
    }

    /// <summary>Where each cell begins, found in one pass; 0 if the row ends before it.</summary>
    private int[] FindCells()
    {
        var starts = new int[shape.Columns];
        var reader = new Utf8JsonReader(raw.Span);
        reader.Read();
        for (var i = 0; i < starts.Length && reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            starts[i] = (int)reader.TokenStartIndex;
            reader.Skip();
        }

        return starts;
    }

    private static bool IsNested(ref Utf8JsonReader reader) => reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;

    // JsonElement.GetRawText says the same; only strings are worth a path of their own.
    private static string? TextOf(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? reader.GetString()
        : JsonElement.ParseValue(ref reader).GetRawText();

    /// <summary>Whether an uploaded text is no value of a field: it is blank, or a placeholder such as <c>#REF!</c>.</summary>
    public static bool StandsForNothing(ReadOnlySpan<byte> text, string field) =>
        BlankText.IsBlank(text) && !(text.SequenceEqual("NA"u8) && field.EndsWith(".country", StringComparison.Ordinal)); // Namibia.

    // Cells of delimited text are strings; those of JSON lines may be anything.
    private static bool StandsForNothing(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[ShortText];
        return !reader.ValueIsEscaped ? StandsForNothing(reader.ValueSpan, field)
            : reader.ValueSpan.Length > ShortText ? BlankText.IsBlank(reader.GetString())
            : StandsForNothing(text[..reader.CopyString(text)], field);
    }
}
