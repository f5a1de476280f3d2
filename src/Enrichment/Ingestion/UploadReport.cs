using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Enrichment.Ingestion;

/// <summary>
/// The report on an upload: how it was read, which columns feed which fields, how many rows were accepted and rejected. Always <see
/// cref="Accepted"/> + <see cref="Rejected"/> = <see cref="Rows"/>.
/// </summary>
public sealed record UploadReport
{
    /// <summary>The file's name without its folder; empty for a stream without a name.</summary>
    public required string FileName { get; init; }

    /// <summary>Bytes of the content as it came.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-256 over the content as it came, in small hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The workstream's name.</summary>
    public required string Workstream { get; init; }

    /// <summary><c>delimited</c> or <c>json_lines</c>.</summary>
    public required string Format { get; init; }

    /// <summary>One of <see cref="TextEncodings.Tested"/>.</summary>
    public required string Encoding { get; init; }

    /// <summary>From 0 to 1; 1 when declared or proved.</summary>
    public required double EncodingConfidence { get; init; }

    /// <summary>Null when there is a single column, or for JSON lines.</summary>
    public required string? Delimiter { get; init; }

    /// <summary>From 0 to 1: the share of the first records that agree on their number of cells; 1 when declared.</summary>
    public required double DelimiterConfidence { get; init; }

    /// <summary>Lines dropped before the header.</summary>
    public required int PreambleLines { get; init; }

    /// <summary>Logical records after the header, blank lines excluded.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows staged.</summary>
    public required int Accepted { get; init; }

    /// <summary>Rows kept apart, each with its reason and its raw text.</summary>
    public required int Rejected { get; init; }

    /// <summary>Rows whose number of cells is not the header's, accepted or not.</summary>
    public required int Ragged { get; init; }

    /// <summary>
    /// Accepted rows in which text follows a closing quote: such cells are kept as they are in the file, quotes included.
    /// </summary>
    public required int IrregularQuotes { get; init; }

    /// <summary>
    /// Accepted rows with a text like <c>JosÃ©</c>: its UTF-8 was probably read as windows-1252 before. Rows are kept as they are;
    /// normalizing steps repair the certain cases.
    /// </summary>
    public required int DoubleEncoded { get; init; }

    /// <summary>
    /// Accepted rows with a JSON object or list in a column that feeds a field. Rows are kept as they are; steps and columns that read text
    /// ignore such a value.
    /// </summary>
    public required ImmutableArray<NestedValues> Nested { get; init; }

    /// <summary>The columns in their order.</summary>
    public required ImmutableArray<UploadColumn> Columns { get; init; }

    /// <summary>Each field that some column feeds.</summary>
    public required ImmutableArray<MappedField> Mapped { get; init; }

    /// <summary>Columns that feed no field, and so are not used by steps; their values are kept in the raw rows.</summary>
    public required ImmutableArray<UploadColumn> Unmapped { get; init; }

    /// <summary>
    /// The numbers of the client's own mappings by which columns are mapped.
    /// </summary>
    public required ImmutableArray<int> Mappings { get; init; }

    /// <summary>Where a choice was made: several columns for one field, or one header claimed by several fields.</summary>
    public required ImmutableArray<Ambiguity> Ambiguous { get; init; }

    /// <summary>Rejected rows by reason; the sum is <see cref="Rejected"/>.</summary>
    public required ImmutableSortedDictionary<string, int> RejectedByCode { get; init; }

    /// <summary>The first rejected rows, at most <see cref="UploadOptions.MaxListedRejections"/>; the others are in the store.</summary>
    public required ImmutableArray<RejectedRow> Rejections { get; init; }

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The report as one JSON object on one line, its names in snake_case.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>A column of an upload.</summary>
/// <param name="Position">From 1. The value is at index <paramref name="Position"/> - 1 of each raw row.</param>
/// <param name="Name">Its header, or <c>column 7</c> where it has none.</param>
public sealed record UploadColumn(int Position, string Name);

/// <summary>A field and the columns that feed it.</summary>
/// <param name="Field">The canonical name.</param>
/// <param name="Columns">Best first; the field's value in a row is the first of them that is not blank.</param>
public sealed record MappedField(string Field, ImmutableArray<UploadColumn> Columns);

/// <summary>A choice that the header map made.</summary>
/// <param name="Kind"><c>several_columns</c> or <c>several_fields</c>.</param>
/// <param name="Fields">The field, or the fields that claim the header; the first has it.</param>
/// <param name="Columns">The column, or the columns of the field; the first that is not blank wins.</param>
public sealed record Ambiguity(string Kind, ImmutableArray<string> Fields, ImmutableArray<UploadColumn> Columns);

/// <summary>A field whose column holds objects or lists.</summary>
/// <param name="Field">The canonical name.</param>
/// <param name="Column">The column that feeds it.</param>
/// <param name="Rows">How many accepted rows hold one there.</param>
public sealed record NestedValues(string Field, UploadColumn Column, int Rows);
