using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Consolidation.Querying;

/// <summary>The place of a row in the order of a query, between which and the next a page begins.</summary>
/// <param name="IsBack">Whether the page is the one that ends before the row.</param>
/// <param name="AsOf">The day from which the first page looked: the walk goes on as it has begun.</param>
/// <param name="Batch">The row's batch.</param>
/// <param name="Item">The row's item.</param>
/// <param name="Keys">The values of the sort keys.</param>
internal sealed record PageCursor(bool IsBack, DateOnly AsOf, int Batch, int Item, IReadOnlyList<object?> Keys)
{
    private const int Form = 1;
    private const int EngineParts = 8;
    private const int HashLength = 8;
    private const int MostCharacters = 8_192;

    /// <summary>What marks a cursor as one of a query, or of a client.</summary>
    public static string HashOf(params IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(parts)).AsSpan(0, HashLength));

    /// <summary>The cursor as text that may stand in an address.</summary>
    /// <param name="client">The client's hash.</param>
    /// <param name="query">The query's hash.</param>
    /// <param name="version">The version of the table.</param>
    public string Write(string client, string query, int version) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(
        (object?[])[Form, IsBack, client, query, version, AsOf.DayNumber, Batch, Item, .. Keys.Select(CsvExport.Format)]));

    /// <summary>Reads a cursor.</summary>
    /// <param name="text">From <see cref="Write"/>.</param>
    /// <param name="client">The client's hash.</param>
    /// <param name="query">The query's hash.</param>
    /// <param name="version">The version of the table.</param>
    /// <param name="keys">The sort keys of the query.</param>
    /// <exception cref="EnrichmentException">It is no cursor, or one of another query, client or version.</exception>
    public static PageCursor Read(string text, string client, string query, int version, IReadOnlyList<SortKey> keys)
    {
        var parts = Parts(text);
        if (parts.Length < EngineParts
            || Number(parts[0]) != Form
            || parts[1].ValueKind is not (JsonValueKind.True or JsonValueKind.False)
            || Number(parts[4]) is not { } made
            || Number(parts[5]) is not { } day
            || day < 0
            || day > DateOnly.MaxValue.DayNumber
            || Number(parts[6]) is not { } batch
            || Number(parts[7]) is not { } item)
        {
            throw NoCursor();
        }

        if (Text(parts[2]) != client)
        {
            throw new EnrichmentException("The cursor is one of another client. Begin again without a cursor.");
        }

        if (Text(parts[3]) != query)
        {
            throw new EnrichmentException(
                "The cursor is one of another query. It serves only the filter, the order, the batch and the day with which it was made: use these, or begin again without a cursor.");
        }

        if (made != version)
        {
            throw new EnrichmentException(string.Create(
                CultureInfo.InvariantCulture,
                $"The cursor was made for version {made} of the table, and version {version} is live now. Begin again without a cursor."));
        }

        return parts.Length == EngineParts + keys.Count
            ? new(
                parts[1].GetBoolean(),
                DateOnly.FromDayNumber(day),
                batch,
                item,
                [
                    .. parts[EngineParts..]
                        .Zip(keys, (part, key) => part.ValueKind == JsonValueKind.Null ? null : Value(Text(part), key.Type)),
                ])
            : throw NoCursor();
    }

    private static JsonElement[] Parts(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text.Length <= MostCharacters ? Base64Url.DecodeFromChars(text) : throw NoCursor());
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray().Select(part => part.Clone())]
                : [];
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw NoCursor();
        }
    }

    private static int? Number(JsonElement part) =>
        part.ValueKind == JsonValueKind.Number && part.TryGetInt32(out var number) ? number : null;

    private static string Text(JsonElement part)
    {
        try
        {
            return part.ValueKind == JsonValueKind.String && part.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal)
                ? text
                : throw NoCursor();
        }
        catch (InvalidOperationException)
        {
            throw NoCursor(); // Half of a surrogate pair.
        }
    }

    private static object Value(string text, ColumnType type)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return type switch
        {
            ColumnType.Text => text,
            ColumnType.Integer when CellNumber.TryInteger(bytes, out var whole) => whole,
            ColumnType.Number when CellNumber.TryNumber(bytes, out var number) => number,
            ColumnType.Boolean when text is "true" or "false" => text == "true",
            ColumnType.Date when CellDate.TryDate(bytes, out var day) => day,
            ColumnType.Timestamp when CellDate.TryTimestamp(bytes, out var instant) => new DateTimeOffset(instant),
            _ => throw NoCursor(),
        };
    }

    private static EnrichmentException NoCursor() =>
        new("The cursor is none that a page of this query has given. Use Next or Previous of a page as it is, or begin again without a cursor.");
}
