using System.Text;
using Enrichment.Ingestion;

namespace Enrichment.Tests.Ingestion;

/// <summary>
/// Makes every file below data/. Set ENRICHMENT_WRITE_FIXTURES=1 to write them and their reports anew, then read the difference.
/// </summary>
internal static partial class Fixtures
{
    /// <summary>Three companies and a person in each script, so that a wrong decoding shows.</summary>
    private const string Western =
        "Company,First Name,City\r\nMüller & Söhne GmbH,Jürgen,Köln\r\nCafé Crème,Élodie,Besançon\r\n\"García, Peña y Cía\",José,Málaga\r\nO’Toole – Sons,Siân,Côte d’Or\r\n";
    private const string CentralEuropean =
        "Company,First Name,City\r\nŠkoda Plzeň,Jiří,Plzeň\r\nŁódzkie Zakłady,Żaneta,Łódź\r\nGyőri Keksz,Ágnes,Győr\r\n";
    private const string Cyrillic = "Company,First Name,City\r\nЯндекс,Анна,Москва\r\nГазпром нефть,Пётр,Санкт-Петербург\r\n";
    private const string Greek = "Company,First Name,City\r\nΑθηναϊκή Ζυθοποιία,Γιώργος,Αθήνα\r\n";
    private const string Turkish = "Company,First Name,City\r\nTürk Hava Yolları,Işıl,İstanbul\r\n\"Şişecam, A.Ş.\",Çağrı,İzmir\r\n";
    private const string Baltic = "Company,First Name,City\r\nLietuvos geležinkeliai,Žygimantas,Šiauliai\r\n";
    private const string Japanese = "Company,First Name,City\r\nトヨタ自動車,太郎,名古屋\r\nソニー表示,花子,東京\r\n";
    private const string Chinese = "Company,First Name,City\r\n中国石油,伟,北京\r\n华为技术,芳,深圳\r\n";
    private const string TraditionalChinese = "Company,First Name,City\r\n台積電,志明,新竹\r\n功能許蓋,春嬌,臺北\r\n";
    private const string Korean = "Company,First Name,City\r\n삼성전자,민준,수원\r\n현대자동차,서연,서울\r\n";
    private const string World = "Company,First Name,City\r\nMüller,Jürgen,Köln\r\n株式会社,太郎,東京\r\nشركة,محمد,دبي\r\n🚀 Rockets,Zoë,Łódź\r\n";

    public static IReadOnlyList<Fixture> All { get; } =
        [.. Encodings(), .. Delimiters(), .. Quotings(), .. Shapes(), .. Headers(), .. Workstreams(), .. JsonLines(), .. Hostile()];

    private static IEnumerable<Fixture> Encodings()
    {
        yield return Csv("encoding-utf8.csv", World);
        yield return new("encoding-utf8-bom.csv", [0xEF, 0xBB, 0xBF, .. Utf8(World)], "crm_data", new());
        yield return new("encoding-utf16le-bom.csv", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(World)], "crm_data", new());
        yield return new("encoding-utf16be-bom.csv", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(World)], "crm_data", new());
        yield return new("encoding-utf16le.csv", Encoding.Unicode.GetBytes(Western), "crm_data", new());
        yield return new("encoding-utf16be.csv", Encoding.BigEndianUnicode.GetBytes(Western), "crm_data", new());
        yield return Legacy("windows-1252", Western, declared: false);
        yield return Legacy(
            "windows-1252",
            Western.Replace(',', ';').Replace("García; Peña", "García, Peña", StringComparison.Ordinal),
            suffix: "-semicolon",
            declared: false);
        yield return Legacy("iso-8859-1", Western.Replace('’', '\'').Replace('–', '-'));
        yield return Legacy("iso-8859-15", Western.Replace('’', '\'').Replace('–', '-') + "5 € Shop,Zoë,Œuilly\r\n");
        yield return Legacy("macintosh", Western);
        yield return Legacy("ibm850", Western.Replace('’', '\'').Replace('–', '-').Replace(',', ';'));
        yield return Legacy("windows-1250", CentralEuropean);
        yield return Legacy("windows-1250", CentralEuropean, suffix: "-undeclared", declared: false);
        yield return Legacy("iso-8859-2", CentralEuropean);
        yield return Legacy("windows-1251", Cyrillic);
        yield return Legacy("windows-1251", Cyrillic, suffix: "-undeclared", declared: false);
        yield return Legacy("koi8-r", Cyrillic.Replace(',', '\t'));
        yield return Legacy("windows-1253", Greek);
        yield return Legacy("windows-1254", Turkish);
        yield return Legacy("windows-1257", Baltic);
        yield return Legacy("shift_jis", Japanese);
        yield return Legacy("shift_jis", Japanese, suffix: "-undeclared", declared: false);
        yield return Legacy("euc-jp", Japanese);
        yield return Legacy("gbk", Chinese);
        yield return Legacy("gb18030", Chinese + "𠮷野家,🚀,上海\r\n");
        yield return Legacy("big5", TraditionalChinese);
        yield return Legacy("euc-kr", Korean.Replace(',', '|'));
        yield return Legacy("macintosh", Western, suffix: "-undeclared", declared: false);
        yield return new("encoding-declared-wrong.csv", Bytes("windows-1252", Western), "crm_data", new() { Encoding = "iso-8859-1" });
        yield return new("encoding-declared-unknown.csv", Utf8(World), "crm_data", new() { Encoding = "ebcdic" });
        yield return new(
            "encoding-mark-contradicts.csv",
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(World)],
            "crm_data",
            new() { Encoding = "utf-8" });
        yield return new(
            "encoding-iso2022.csv",
            [.. "Company\r\n"u8, 0x1B, (byte)'$', (byte)'B', (byte)'E', (byte)'l', 0x1B, (byte)'(', (byte)'B', .. "\r\n"u8],
            "crm_data",
            new());
        yield return Csv("encoding-damaged.csv", "Company,City\nCaf\uFFFD,Paris\n");
        yield return new(
            "encoding-damaged-declared.csv",
            Utf8("Company,First Name\nCaf\uFFFD,Ann\n"),
            "crm_data",
            new() { Encoding = "utf-8" });
        yield return new(
            "encoding-broken-late.csv",
            [.. Utf8("Company,City\n" + string.Concat(Enumerable.Repeat("Müller,Köln\n", 200))), 0xC3, (byte)'\n'],
            "any",
            new() { Encoding = "utf-8" });
    }

    private static IEnumerable<Fixture> Delimiters()
    {
        foreach (
            var (name, delimiter) in new[]
            {
                ("comma", ','),
                ("semicolon", ';'),
                ("tab", '\t'),
                ("pipe", '|'),
                ("caret", '^'),
                ("tilde", '~'),
                ("unit-separator", '\u001F'),
            })
        {
            yield return Csv(
                $"delimiter-{name}.csv",
                $"Company{delimiter}First Name{delimiter}City\nAcme{delimiter}Ann{delimiter}\"A{delimiter}B\"\nGlobex{delimiter}Bob{delimiter}Rome\n");
        }

        yield return new("delimiter-unknown-to-the-map.csv", Utf8("alpha;beta;gamma\n1,5;2,5;3,5\n4,5;5,5;6,5\n"), "any", new());
        yield return new("delimiter-given.csv", Utf8("a,b:c\n1,2:3\n4:5\n"), "any", new() { Delimiter = ':' });
        yield return new(
            "delimiter-given-section-sign.csv",
            Utf8("Company§First Name\nAcme§Ann\n\"Glo§bex\"§Bob\n"),
            "crm_data",
            new() { Delimiter = '§' });
        yield return new("delimiter-sep-line.csv", Utf8("sep=|\r\nCompany|First Name\r\nAcme|Ann\r\n"), "crm_data", new());
        yield return new("single-column.csv", Utf8("company\nAcme, Inc.\nGlobex, Ltd.\nInitech\n"), "crm_data", new());
        yield return new("single-column-known.csv", Utf8("Name\nAcme\n\n\"\"\nInitech\n"), "customer_companies", new());
    }

    private static IEnumerable<Fixture> Quotings()
    {
        yield return Csv("quoting-all.csv", "\"Company\",\"First Name\"\r\n\"Acme\",\"Ann\"\r\n\"Say \"\"hi\"\"\",\"Bob\"\r\n");
        yield return Csv("quoting-newlines.csv", "Company,First Name,Notes\r\nAcme,Ann,\"one\r\ntwo\n\nfour\"\r\nGlobex,Bob,x\r\n,,\r\n");
        yield return Csv("quoting-newlines-semicolon.csv", "Company;First Name;Notes\nAcme;Ann;\"one\n;two\"\nGlobex;Bob;x\n");
        yield return Csv("quoting-stray.csv", "Company,First Name\nAcme 5\" pipes,Ann\n\"Acme\" Ltd,Bob\nPlain,\"Ca\"rl\"\n");
        yield return Csv("quoting-unclosed.csv", "Company,First Name\nAcme,Ann\nGlobex,\"Bob\nInitech,Carl\n");
        yield return Csv("quoting-unclosed-header.csv", "Company,\"First Name\nAcme,Ann\n");
        yield return Csv("quoting-single-quotes.csv", "Company,First Name\n'Acme, Inc',Ann\nGlobex,'Bob'\n");
        yield return Csv("quoting-blanks-around.csv", "Company , First Name\n Acme , \"Ann\"\n\u00A0,Bob\n");
    }

    private static IEnumerable<Fixture> Shapes()
    {
        yield return Csv(
            "shape-ragged.csv",
            "Company,First Name,City\nAcme,Ann\nGlobex,Bob,Rome,\nInitech,Carl,Oslo,extra\nHooli\nUmbrella,Dan,Bonn,,,\n");
        yield return Csv("shape-trailing-delimiter.csv", "Company,First Name,\nAcme,Ann,\nGlobex,Bob,\n");
        yield return Csv("shape-blank-lines.csv", "\n\nCompany,First Name\n\nAcme,Ann\n   \n\t\nGlobex,Bob\n\n");
        yield return Csv("shape-headers-only.csv", "Company,First Name\r\n");
        yield return Csv("shape-empty.csv", "");
        yield return Csv("shape-blank.csv", "\r\n  \r\n\n");
        yield return Csv("shape-cr-only.csv", "Company,First Name\rAcme,Ann\rGlobex,\"Bo\rb\"\r");
        yield return Csv("shape-mixed-line-ends.csv", "Company,First Name\r\nAcme,Ann\nGlobex,Bob\rInitech,Carl\n\rHooli,Dan");
        yield return Csv("shape-no-final-line-end.csv", "Company,First Name\nAcme,Ann\nGlobex,Bob");
        yield return new("shape-no-header.csv", Utf8("Acme,Ann\nGlobex,Bob\n"), "any", new() { HasHeader = false });
        yield return new(
            "shape-preamble-given.csv",
            Utf8("My, export\n\"broken\nCompany,First Name\nAcme,Ann\n"),
            "crm_data",
            new() { PreambleLines = 2 });
        yield return new(
            "shape-preamble-found.csv",
            Utf8("Quarterly list\n\nalpha,beta,gamma,delta,epsilon\n1,2,3,4,5\n6,7,8,9,10\n"),
            "any",
            new());
        yield return Csv(
            "shape-1001-rows.csv",
            "Company,First Name\n" + string.Concat(Enumerable.Range(1, 1001).Select(i => $"Company {i},{(i % 100 == 0 ? "" : "Ann")}\n")));
    }

    private static IEnumerable<Fixture> Headers()
    {
        yield return Csv("header-duplicate.csv", "Email,Company,Email,First Name\na@x.com,Acme,b@x.com,Ann\n,Globex,c@x.com,Bob\n");
        yield return Csv("header-empty.csv", "Company,,First Name, \nAcme,x,Ann,y\n");
        yield return Csv("header-spelling.csv", "  COMPANY   name ,FIRST\u00A0NAME,E-mail,eMaIl\nAcme,Ann,x,a@x.com\n");
        yield return Csv(
            "header-nfd.csv",
            "Company,Prénom,First Name\nCafe\u0301,x,Ann\n".Replace("é", "e\u0301", StringComparison.Ordinal));
        yield return Csv("header-ranked.csv", "Phone,Mobile Phone,Company,First Name\n1,2,Acme,Ann\n3,,Globex,Bob\n");
        yield return Csv(
            "header-reserved-words.csv",
            "id,client_id,status,bucket,row,Company,First Name,constructor,__proto__,select\n1,2,3,4,5,Acme,Ann,6,7,8\n");
    }

    private static IEnumerable<Fixture> Workstreams()
    {
        yield return new("apollo-native.csv", Utf8(ApolloNative), "apollo_scrape", new());
        yield return new("apollo-scraper.csv", Utf8(ApolloScraper), "apollo_scrape", new());
        yield return new("salesnav.tsv", Utf8(SalesNav), "salesnav_koolkit", new());
        yield return new(
            "salesnav.csv",
            Utf8(
                SalesNav
                    .Replace("\t", "\",\"", StringComparison.Ordinal)
                    .Replace("Matching filters\"", "\"Matching filters\"", StringComparison.Ordinal)
                    .Replace("TRUE\"", "\"TRUE\"", StringComparison.Ordinal)
                    .Replace("registered address", "registered address\"", StringComparison.Ordinal)
                    .Replace("Berlin\n", "Berlin\"\n", StringComparison.Ordinal)
                    .Replace("null\n", "null\"\n", StringComparison.Ordinal)),
            "salesnav_koolkit",
            new());
        yield return new(
            "crm.csv",
            Utf8("company_name,website,Work Email,cell,name\nAcme,acme.com,a@acme.com,+49 1,Ann Ace\n,,b@acme.com,,Bob\nGlobex,,,,\n"),
            "crm_data",
            new());
        yield return new(
            "customers.csv",
            Utf8("Name;Domain;LinkedIn\nAcme;acme.com;\n;globex.com;\nInitech;;https://linkedin.com/company/initech\n"),
            "customer_companies",
            new());
        yield return new("customers-without-name.csv", Utf8("Domain,Owner\nacme.com,Ann\nglobex.com,Bob\n"), "customer_companies", new());
    }

    private static IEnumerable<Fixture> JsonLines()
    {
        yield return new(
            "json-lines.jsonl",
            Utf8(
                "{\"company\":\"Acme\",\"first name\":\"Ann\",\"size\":10}\n\n{\"first name\":\"Bob\",\"company\":\"Globex\",\"tags\":[\"a\",{\"b\":null}]}\r\n{\"city\":\"Rome\"}"),
            "crm_data",
            new());
        yield return new(
            "json-lines-hostile.jsonl",
            Utf8(
                "{\"a\":\"\\u0000\"}\n{\"a\":\"\\ud800\"}\n{\"a\":1,\"\\u0061\":2}\n{\"a\":1e999}\n[1]\n{\"a\":}\nnull\n{\"a\":"
                    + new string('[', 70)
                    + new string(']', 70)
                    + "}\n{\"a\":1.50E1}\n"),
            "any",
            new());
        yield return new(
            "json-lines-by-content.txt",
            Utf8("\uFEFF{\"company\":\"Acme\",\"email\":\"a@x.com\"}\n{\"company\":\"Globex\",\"email\":\" \"}\n"),
            "crm_data",
            new());
        yield return new("json-lines-utf16.jsonl", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("{\"a\":1}\n")], "any", new());
    }

    private static IEnumerable<Fixture> Hostile()
    {
        yield return Csv("hostile-nul.csv", "Company,First Name\nAc\0me,Ann\nGlobex,Bob\n");
        yield return Csv("hostile-nul-header.csv", "Com\0pany,First Name\nAcme,Ann\n");
        yield return new(
            "hostile-lone-surrogate-utf16.csv",
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Company,City\nAc"), 0x00, 0xD8, .. Encoding.Unicode.GetBytes("me,Rome\n")],
            "any",
            new());
        yield return Csv("hostile-formulas.csv", "Company,First Name\n=cmd|' /C calc'!A0,@SUM(1)\n+1 555,-1\n\t=1,＝2\n");
        yield return Csv(
            "hostile-markup-and-sql.csv",
            "Company,First Name\n<script>alert(1)</script>,Robert'); DROP TABLE rows;--\n\"{\"\"a\"\":1}\",$1\n");
        yield return Csv("hostile-control-characters.csv", "Company,First Name\nA\u0001B\u001B[31m,An\u007Fn\nA\u2028B,x\n");
        yield return Csv(
            "hostile-5001-columns.csv",
            string.Join(',', Enumerable.Range(1, 5001)) + "\n" + string.Join(',', Enumerable.Range(1, 5001)) + "\n");
        yield return new("hostile-utf32.csv", [0xFF, 0xFE, 0, 0, .. Encoding.UTF32.GetBytes("a,b\n")], "any", new());
        yield return new(
            "hostile-long-row.csv",
            Utf8("Company,First Name\nAcme,Ann," + new string('x', 70_000) + "\nGlobex,Bob\n"),
            "crm_data",
            new());
    }

    private static Fixture Csv(string file, string text) => new(file, Utf8(text), "crm_data", new());

    private static Fixture Legacy(string encoding, string text, string suffix = "", bool declared = true) =>
        new($"encoding-{encoding}{suffix}.csv", Bytes(encoding, text), "crm_data", declared ? new() { Encoding = encoding } : new());

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Bytes(string encoding, string text)
    {
        var bytes = TextEncodings.Strict(encoding).GetBytes(text);
        return TextEncodings.Strict(encoding).GetString(bytes) == text
            ? bytes
            : throw new InvalidOperationException($"{encoding} cannot write this text.");
    }
}
