using System.Collections.Immutable;
using System.Text;

namespace Enrichment.Ingestion;

/// <summary>The character encodings that uploads may have. Each is proved by files in the tests; no other is accepted.</summary>
internal static class TextEncodings
{
    /// <summary>
    /// The accepted names. Common other spellings of the same encodings (<c>latin1</c>, <c>cp1252</c>, <c>sjis</c>) are understood too.
    /// </summary>
    public static ImmutableArray<string> Tested { get; } =
    [
        "utf-8", "utf-16le", "utf-16be",
        "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1257",
        "iso-8859-1", "iso-8859-2", "iso-8859-15", "macintosh", "ibm850", "koi8-r",
        "shift_jis", "euc-jp", "gbk", "gb18030", "big5", "euc-kr",
    ];

    private static readonly Dictionary<string, string> OtherSpellings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = "utf-8", ["utf-16"] = "utf-16le", ["utf16"] = "utf-16le", ["unicode"] = "utf-16le",
        ["latin1"] = "iso-8859-1", ["latin-1"] = "iso-8859-1", ["latin9"] = "iso-8859-15",
        ["latin2"] = "iso-8859-2", ["ansi"] = "windows-1252",
        ["cp1250"] = "windows-1250", ["cp1251"] = "windows-1251", ["cp1252"] = "windows-1252", ["cp1253"] = "windows-1253",
        ["cp1254"] = "windows-1254", ["cp1257"] = "windows-1257", ["cp850"] = "ibm850", ["macroman"] = "macintosh", ["mac"] = "macintosh",
        ["sjis"] = "shift_jis", ["shift-jis"] = "shift_jis", ["cp932"] = "shift_jis",
        ["eucjp"] = "euc-jp", ["cp936"] = "gbk", ["gb2312"] = "gbk",
        ["cp949"] = "euc-kr", ["euckr"] = "euc-kr", ["cp950"] = "big5", ["koi8"] = "koi8-r",
    };

    /// <summary>The name as it is in <see cref="Tested"/>.</summary>
    internal static string Canonical(string name)
    {
        var known = OtherSpellings.GetValueOrDefault(name.Trim(), name.Trim());
        return Tested.FirstOrDefault(t => t.Equals(known, StringComparison.OrdinalIgnoreCase))
            ?? throw new UploadException("encoding_unknown", $"There is no encoding '{name}' here. Known: {string.Join(", ", Tested)}.");
    }

    /// <summary>A decoder that throws where bytes have no meaning.</summary>
    internal static Encoding Strict(string canonicalName) => Get(canonicalName, strict: true);

    /// <summary>A decoder that puts U+FFFD where bytes have no meaning: to find the place, never to read with.</summary>
    internal static Encoding Lenient(string canonicalName) => Get(canonicalName, strict: false);

    private static Encoding Get(string canonicalName, bool strict) => canonicalName switch
    {
        "utf-8" => new UTF8Encoding(false, strict),
        "utf-16le" => new UnicodeEncoding(bigEndian: false, false, strict),
        "utf-16be" => new UnicodeEncoding(bigEndian: true, false, strict),
        "iso-8859-1" => Encoding.Latin1,
        _ => CodePagesEncodingProvider.Instance.GetEncoding(
                PlatformName(canonicalName),
                EncoderFallback.ExceptionFallback,
                strict ? DecoderFallback.ExceptionFallback : new DecoderReplacementFallback("\uFFFD"))
            ?? throw new UploadException("encoding_unknown", $"This platform does not ship the encoding '{canonicalName}'."),
    };

    // .NET knows GBK, a superset of GB 2312, under the older name.
    private static string PlatformName(string name) => name == "gbk" ? "gb2312" : name;
}
