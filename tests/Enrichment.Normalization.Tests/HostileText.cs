using CsCheck;

namespace Enrichment.Normalization.Tests;

/// <summary>Generators of the text that uploads bring: near misses of the real thing, and plain rubbish.</summary>
internal static class HostileText
{
    private static readonly string[] Pieces =
    [
        "Jane", "DOE", "o'toole", "van", "der", "DE", "LA", "Mc", "mcdonald", "Dr.", "PhD", "MBA", "MA", "Jr.", "II", "(she/her)", "\"Bob\"", "|", " - ", "–", "ﬁ", "ǆ", "ß", "İ", "ı", "ŉ",
        "Inc.", "GmbH", "& Co. KG", "S.A.", "de C.V.", "s.", "a.", "Ltd", "(formerly X)", "株式会社", "(株)", "㈱", "ООО", "The", "company", "™", "®", "acme", "Acme", ".com", ".co.uk", ".ck",
        ".github.io", "github.io", "http://", "HTTPS:\\\\", "www.", "user@", "@", ":8080", "/path?x=1#y", "xn--", "xn--mller-kva", "müller", "。", ".", "..", "gmail.com", "mailto:", "<", ">", ";", ",",
        "linkedin.com/in/", "https://www.linkedin.com/company/", "sales/lead/", "ACwAAAJx1abcDEFghiJKLmnoPQRstuVWXyz0123", "%41", "%", "%C3%A9", "+1", "415 555 0123", "(0)20", "7946", "x42", ";ext=7", "tel:", "'", "E+",
        "USA", "United Kingdom", "the ", "NA", "null", "N/A", "-", "山田", "太郎", "한", "محمد", "\u200C", "\u200D", "\u200B", "\u202E", "\uFEFF", "\u0301", "e", "\u0345", "𝓙𝓪", "Ｆｕｌｌ", "👩🏽‍💻", "🚀", "\uFE0F",
        "\uD800", "\uDC00", "\uFFFD", "\uFFFF", "\0", "\t", "\n", "\u0085", "\u00A0", "\u3000", " ", " ", " ", "1", "0", "=cmd", "´", "’", "\u037E", "\u212A", "\u2126", "\uFB1D", "\u0958", "ᾳ", "ΑΣ", "…",
    ];

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]);

    /// <summary>Short texts, glued from real pieces, random letters and any UTF-16 unit whatever.</summary>
    public static readonly Gen<string> Any = Gen.OneOf(
        Piece.Array[0, 8].Select(pieces => string.Concat(pieces)),
        Piece.Array[1, 5].Select(pieces => string.Join(' ', pieces)),
        Gen.Char.Array[0, 12].Select(chars => new string(chars)),
        Gen.Select(Piece, Gen.String[0, 8], Piece).Select(parts => parts.Item1 + parts.Item2 + parts.Item3));

    /// <summary>Texts of 100,000 characters and more that make careless patterns go back and forth.</summary>
    public static readonly IEnumerable<string> Long = Pieces.Where(piece => piece.Length > 0)
        .Select(piece => string.Concat(Enumerable.Repeat(piece, 1 + (1_000_000 / piece.Length))))
        .Concat(["a@" + new string('a', 1_000_000) + ".com", new string('(', 500_000) + new string(')', 500_000), new string('<', 1_000_000) + "a@b.cd>", "acme.com/" + new string('x', 1_000_000)]);
}
