namespace Enrichment.Ingestion;

/// <summary>
/// How to read an upload. Everything left out is detected, and the result is in the <see cref="UploadReport"/>.
/// </summary>
public sealed record UploadOptions
{
    /// <summary>The name to show and to tell the format by; only its last part is kept, it is never used as a path.</summary>
    public string FileName { get; init; } = "";

    /// <summary>The last part of the name.</summary>
    internal string ShownName => Path.GetFileName(FileName.Replace('\\', '/'));

    /// <summary>How the records are written; by default told from name and content.</summary>
    public UploadFormat Format { get; init; }

    /// <summary>
    /// The character between cells. Null: found among comma, semicolon, tab, pipe, caret, tilde and unit separator by the regularity of the
    /// first records.
    /// </summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// The character encoding's name, one of <see cref="TextEncodings.Tested"/>. Null: detected, or refused where the bytes leave a doubt.
    /// </summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// Lines before the header, such as an export's title. Null: detected; 0: the header is the first line that is not blank.
    /// </summary>
    public int? PreambleLines { get; init; }

    /// <summary>False when the first record is already data; columns then have no names but their positions.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// Headers of the file and their fields, before all other rules; null: the column feeds nothing. A column without a header is
    /// <c>column 3</c>. The client's next files with the same headers are mapped alike, until the mapping is replaced or forgotten.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Columns { get; init; } = new Dictionary<string, string?>();

    /// <summary>How many rejected rows the report lists one by one; all are counted, and all are kept in the store.</summary>
    /// <value>100: enough to see what is wrong, small enough to print.</value>
    public int MaxListedRejections { get; init; } = 100;

    /// <summary>The actor, who is kept with the upload.</summary>
    /// <value>Null: the user and the machine that this process runs as and on.</value>
    public string? By { get; init; }
}
