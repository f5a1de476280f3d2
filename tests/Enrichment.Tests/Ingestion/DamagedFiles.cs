using System.IO.Compression;
using System.Text;
using Enrichment.Ingestion;

namespace Enrichment.Tests.Ingestion;

/// <summary>Files that break one rule each, and files that look as if they did and do not.</summary>
internal static class DamagedFiles
{
    public static IEnumerable<DamagedFile> All =>
        [.. Quotes(), .. LegitimateLineBreaks(), .. LooseQuotes(), .. Delimiters(), .. Blanks(), .. Bounds(), .. Bytes(), .. OtherKinds()];

    private static IEnumerable<DamagedFile> Quotes()
    {
        yield return Text("stray-first-row.csv", "Name,Email,City\n\"Ann,a@x.test,Rome\n" + Rows(2, 5));
        yield return Text("stray-last-row.csv", "Name,Email,City\n" + Rows(1, 4) + "\"Eve,e@x.test,Oslo\n");
        yield return Text("stray-last-row-no-line-end.csv", "Name,Email,City\n" + Rows(1, 4) + "Eve,e@x.test,\"Oslo");
        yield return Text("stray-header.csv", "Name,\"Email,City\n" + Rows(1, 4));
        yield return Text(
            "stray-twice-apart.csv",
            "Name,Email,City\n" + Rows(1, 2) + "\"Cid,c@x.test,Bonn\n" + Rows(4, 6) + "Gus,g@x.test,\"Oslo\n" + Rows(8, 9));
        yield return Text(
            "stray-every-row.csv",
            "Name,Email,City\n" + string.Concat(Enumerable.Range(1, 5).Select(n => $"\"N{n},n{n}@x.test,Rome\n")));
        yield return Text(
            "stray-joins-open-and-end.csv",
            "Name,Email,City,Note\n" + Wide(1, 2) + "Cid,\"c@x.test,Bonn,x\n" + Wide(4, 7) + "Gus,g@x.test\",Oslo,x\n" + Wide(9, 9));
        yield return Text(
            "stray-crlf.csv",
            ("Name,Email,City\n" + Rows(1, 2) + "Cid,\"c@x.test,Bonn\n" + Rows(4, 6) + "Gus,g@x.test,\"Oslo, East\"\n").Replace(
                "\n",
                "\r\n",
                StringComparison.Ordinal));
        yield return Text(
            "stray-cr-only.csv",
            ("Name,Email,City\n" + Rows(1, 2) + "Cid,\"c@x.test,Bonn\n" + Rows(4, 6) + "Gus,g@x.test,\"Oslo, East\"\n").Replace(
                "\n",
                "\r",
                StringComparison.Ordinal));
        yield return Text(
            "stray-semicolon.csv",
            ("Name,Email,City\n" + Rows(1, 2) + "Cid,\"c@x.test,Bonn\n" + Rows(4, 6) + "Gus,g@x.test,\"Oslo\"\n").Replace(',', ';'));
        yield return Text(
            "stray-tab.tsv",
            ("Name,Email,City\n" + Rows(1, 2) + "Cid,\"c@x.test,Bonn\n" + Rows(4, 6) + "Gus,g@x.test,\"Oslo\"\n").Replace(',', '\t'));
        yield return Text(
            "stray-pipe.txt",
            ("Name,Email,City\n" + Rows(1, 2) + "Cid,\"c@x.test,Bonn\n" + Rows(4, 6) + "Gus,g@x.test,\"Oslo\"\n").Replace(',', '|'));
        yield return Text(
            "stray-then-ragged.csv",
            "Name,Email,City\n" + Rows(1, 1) + "Bob,\"b@x.test,Bonn\nCid,c@x.test\nDan,d@x.test,\"Oslo\" East\nEve,e@x.test\n");
        yield return Text("stray-in-multi-line-record.csv", "Name,Note,City\nAnn,\"one\ntwo\",\"Rome\nBob,x,Bonn\nCid,\"y\",Oslo\n");
        yield return Text("stray-before-multi-line-cell.csv", "Name,Note,City\nAnn,\"x,Rome\nBob,\"one\ntwo, three\",Bonn\nCid,y,Oslo\n");
        yield return Text(
            "stray-after-blank.csv",
            "Name, Email, City\nAnn, \"a@x.test, Rome\nBob, b@x.test, Bonn\nCid, \"c@x.test\", Oslo\n");
        yield return Text("stray-in-single-column.csv", "Company\nAcme\n\"Globex\nInitech\n\"Hooli\" Ltd\nUmbrella\n");
        yield return Text(
            "stray-utf16.csv",
            [
                0xFF,
                0xFE,
                .. Encoding.Unicode.GetBytes(
                    "Name,Email,City\n" + Rows(1, 2) + "Cid,\"ć@x.test,Bonn\n" + Rows(4, 6) + "Gus,g@x.test,\"Oslo\"\n"),
            ]);
        yield return Text("multi-line-cell-cut-at-end.csv", "Name,Note\nAnn,x\nBob,\"first line\nsecond line\nthird");
        yield return Text("closing-quote-escaped-by-mistake.csv", "Name,Note,City\nAnn,\"x\"\",Rome\nBob,y,Bonn\nCid,\"z\",Oslo\n");
    }

    private static IEnumerable<DamagedFile> LegitimateLineBreaks()
    {
        yield return Text(
            "multi-line-address.csv",
            "Name,Address,Country\nAnn,\"1 Main St, Suite 5\nParis\",France\nBob,\"2 Side St\n\nRome\",Italy\n");
        yield return Text(
            "multi-line-many-lines.csv",
            "Name,Note,City\nAnn,\""
                + string.Join('\n', Enumerable.Range(1, 400).Select(n => $"line {n}, and more"))
                + "\",Rome\nBob,x,Bonn\n");
        yield return Text("multi-line-html.csv", "Name,Html\nAnn,\"<div class=\"\"a\"\">\n<p>Hello, you</p>\n</div>\"\nBob,x\n");
        yield return Text(
            "multi-line-escaped-quotes.csv",
            "Name,Note,City\nAnn,\"He said \"\"hi\"\"\nand \"\"bye\"\", then left\",Rome\nBob,x,Bonn\n");
        yield return Text("multi-line-header.csv", "Name,\"Email\naddress\",City\nAnn,a@x.test,Rome\n");
        yield return Text(
            "multi-line-every-row-crlf.csv",
            "Name,Note\r\n" + string.Concat(Enumerable.Range(1, 4).Select(n => $"N{n},\"a\r\nb, c\nd\"\r\n")));
        yield return Text("multi-line-looks-like-rows-of-two.csv", "Name,Note\nAnn,\"Dear Ann, hello\nBob, bye\nCid, too\"\nBob,x\n");
        yield return Text("multi-line-blanks-around-quotes.csv", "Name , Note , City\n\"Ann\" , \"one\ntwo\" , \"Rome\"\n");
        yield return Text("multi-line-semicolon.csv", "Name;Notiz;Ort\nAnn;\"eins; zwei\ndrei\";Rom\nBob;x;Bonn\n");
        yield return Text("multi-line-last-cell-at-end.csv", "Name,Note\nAnn,\"one\ntwo\"");
    }

    private static IEnumerable<DamagedFile> LooseQuotes()
    {
        yield return Text("loose-inch.csv", "Name,Item\nAnn,\"15\" monitor\nBob,24\" screen\nCid,\"19\" and 21\" racks\"\n");
        yield return Text(
            "loose-backslash.csv",
            "Name,Company,City\nAnn,\"Acme \\\"Blue\\\" Ltd\",Rome\nBob,\"Globex \\\"East\\\", Inc\",Bonn\nCid,\"Path C:\\\",Oslo\n");
        yield return Text("loose-with-delimiter-inside.csv", "Name,Company,City\nAnn,\"Acme \"Blue\", Ltd\",Rome\nBob,\"Globex\",Bonn\n");
        yield return Text("loose-and-line-break.csv", "Name,Note\nAnn,\"15\" monitor\nwith stand\",x\nBob,y\n");
        yield return Text("loose-short-row.csv", "Name,Company,City\nAnn,\"Acme\" Ltd\nBob,Globex,Bonn\n");
    }

    private static IEnumerable<DamagedFile> Delimiters()
    {
        yield return Text("given-delimiter-wrong.csv", "Name;Email\nAnn;a@x.test\nBob;b@x.test\n", new() { Delimiter = ',' });
        yield return Text("given-delimiter-wrong-header-only.csv", "Name,Email\n", new() { Delimiter = '|' });
        yield return Text("given-delimiter-single-column.csv", "Company\nAcme, Inc.\nGlobex\n", new() { Delimiter = ';' });
        yield return Text("rows-quoted-tab.txt", "\"Name\tEmail\"\n\"Ann\ta@x.test\"\n\"Bob\tb@x.test\"\n");
        yield return Text(
            "rows-quoted-twice.csv",
            "\"Name,Email,\"\"Full Company\"\"\"\n\"Ann,a@x.test,\"\"Acme, Inc\"\"\"\n\"Bob,b@x.test,\"\"Globex\"\"\"\n");
        yield return Text("ragged-semicolon.csv", "a;b;c\n1\n2;3\n4;5;6\n7\n8\n");
        yield return Text("header-tab-rows-semicolon.txt", "Name\tEmail\tCity\nAnn;a@x.test;Rome\nBob;b@x.test;Bonn\n");
        yield return Text("sep-line-quoted.csv", "\"sep=;\"\r\nName;Email\r\nAnn;a@x.test\r\n");
        yield return Text("sep-line-and-title.csv", "sep=,\nLeads of June\n\nName,Email,City\n" + Rows(1, 3));
        yield return Text("sep-line-wrong.csv", "sep=;\nName,Email,City\n" + Rows(1, 3));
        yield return Text("blanks-around-quotes.csv", "\"Name\" ,\t\"Company\" , \"City\"\n\"Ann\" , \"Acme, Inc\" , \"Rome\"\n");
        yield return Text(
            "mixed-line-ends.csv",
            "Name,Email,City\r\nAnn,a@x.test,Rome\nBob,b@x.test,Bonn\rCid,c@x.test,Oslo\r\r\nDan,d@x.test,Paris\n\r");
    }

    private static IEnumerable<DamagedFile> Blanks()
    {
        yield return Text(
            "blank-records-everywhere.csv",
            ",,\n\"\",\" \",\nName,Email,City\n,,\nAnn,a@x.test,Rome\n , ,\u00A0\n,,\n,,,,\nBob,b@x.test,Bonn\n,,");
        yield return Text("blank-records-only.csv", ",,,\n,,,\n");
        yield return Text("blank-tabs.tsv", "\t\t\nName\tEmail\tCity\n\t\t\nAnn\ta@x.test\tRome\n\t\t\n");
        yield return Text("title-padded.csv", "Leads of June,,,\n,,,\nName,Email,City,Note\n" + Wide(1, 3));
        yield return Text(
            "title-padded-above-numbered-headers.csv",
            "Leads of June,,,\nName,Address 1,Address 2,Phone\nAnn,1 Main St,x,+1 555\nBob,2 Side St,y,+1 556\n");
        yield return Text("header-mostly-blank.csv", "Company,,\nAcme,a@x.test,Rome\nGlobex,b@x.test,Bonn\n");
        yield return Text("header-of-one-name.csv", "Company,\nAcme,1\nGlobex,2\n");
        yield return Text("title-lines.csv", "Customer Contact List\nAs of June 1, 2025\n\nName,Email,City,Note\n" + Wide(1, 3));
        yield return Text("header-only.csv", "Name,Email,City\r\n");
        yield return Text("empty.csv", "");
        yield return Text("only-a-mark.csv", "\uFEFF");
        yield return Text("ctrl-z-after-cell.csv", "Name,Email\r\nAnn,a@x.test\u001A");
        yield return Text("ctrl-z-and-line-end.csv", "Name,Email\r\nAnn,a@x.test\r\n\u001A\r\n");
    }

    private static IEnumerable<DamagedFile> Bounds()
    {
        yield return Text(
            "footer-padded-by-excel.csv",
            "Name,Email,City,Note\n"
                + Wide(1, 2)
                + ",,,\n,,,\nUnified Sample Report,,,\nCopyright (c) 2000-2025 Sample Corp. All rights reserved.,,,\n"
                + "Confidential Information - Do Not Distribute,,,\n");
        yield return Text("footer-without-blank-line.csv", "Name,Email,City\n" + Rows(1, 2) + "Generated by Rep One on 2025-06-01\n");
        yield return Text("footer-record-count.csv", "Name,Email,City\n" + Rows(1, 2) + "\n2 records found\n");
        yield return Text(
            "footer-quickbooks.csv",
            "Customer,Phone,Balance\nAcme,+1 555 0100,10.00\nGlobex,+1 555 0101,20.50\nTOTAL,,\"$30.50\"\n\n\n"
            + "\"Sunday, Jun 01, 2025 08:12:11 AM GMT+2 - Accrual Basis\"\n");
        yield return Text(
            "total-of-a-group.csv",
            "Company,Owner,Amount\nAcme,Rep,10\nTotal for Rep,,10\nGlobex,Other,5\nSubtotal,,5\nGrand Total (2 records),,15\n");
        yield return Text(
            "total-as-a-company.csv",
            "Company,Website,Employees\nTotal,total.test,100000\nTotal Quality Logistics,,5000\nSum Up GmbH,sumup.test,\nSumme,,\n");
        yield return Text("lone-cells-are-rows.csv", "Company,Website,City\nAcme,,\nGlobex,g.test,Bonn\n\nInitech,,\nHooli,h.test,Oslo\n");
        yield return Text(
            "lone-cells-after-blank-then-rows.csv",
            "Company,Website,City\nGlobex,g.test,Bonn\n,,\nInitech,,\nHooli,h.test,Oslo\n");
        yield return Text("two-columns-lone-cells.csv", "Company,Website\nAcme,a.test\n\nGlobex\nInitech\n");
        yield return Text("header-repeated-other-case.csv", "Name,Email,City\n" + Rows(1, 1) + "NAME, email ,City\n" + Rows(2, 2));
        yield return Text("header-repeated-with-blanks.csv", "Name,Email,City\n" + Rows(1, 1) + "\nName,Email,City,,\n" + Rows(2, 2));
        yield return Text(
            "merged-other-column-order.csv",
            "Name,Email,City\n"
                + Rows(1, 2)
                + "Email,Name,City,Phone\na@x.test,Ann,Rome,1\nb@x.test,Bob,Bonn,2\nName,Email,City\n"
                + Rows(3, 3));
        yield return Text(
            "second-table-narrower.csv",
            "Name,Email,City,Note\n" + Wide(1, 2) + "\nRegion,Owner\nEMEA,Rep One\nNordics,Rep Two\n");
        yield return Text("short-rows-after-blank.csv", "Name,Email,City,Note\n" + Wide(1, 2) + "\nCid,c@x.test\nDan,d@x.test\n");
        yield return Text("header-repeated-single-column.csv", "Company\nAcme\nCOMPANY\nGlobex\nTotal\n");
        yield return Text("name-equals-header.csv", "Company,Contact\nContact,Ann\nCompany,Bob\nName,Email\n");
    }

    private static IEnumerable<DamagedFile> Bytes()
    {
        yield return Text(
            "declared-utf8-one-bad-byte.csv",
            [.. "Name,City\nAnn,Köln\nBob,"u8, 0xE9, .. "x\nCid,Bonn\n"u8], new() { Encoding = "utf-8" });
        yield return Text("marked-utf8-one-bad-byte.csv", [0xEF, 0xBB, 0xBF, .. "Name,City\nAnn,Köln\nBob,"u8, 0xFF, .. "\nCid,Bonn\n"u8]);
        yield return Text("undeclared-one-bad-byte.csv", [.. "Name,City\nAnn,Köln\nBob,"u8, 0xFF, .. "x\nCid,Bonn\n"u8]);
        yield return Text("declared-utf8-bad-header.csv", [.. "Name,St"u8, 0xE4, .. "dt\nAnn,Bonn\n"u8], new() { Encoding = "utf-8" });
        yield return Text("cut-mid-character-after-others.csv", [.. "Name,City\nAnn,Köln\nBob,Z"u8, 0xC3]);
        yield return Text("cut-mid-emoji.csv", [.. "Name,City\nAnn,Rome\nBob,x"u8, 0xF0, 0x9F, 0x9A]);
        yield return Text("latin1-last-byte.csv", [.. "Name,City\nAnn,Rome\nBob,Caf"u8, 0xE9]);
        yield return Text(
            "json-lines-bad-byte.jsonl",
            [.. "{\"a\":\"ö\"}\n{\"a\":\""u8, 0xFF, .. "\"}\n{\"a\":2}\n"u8], new() { Encoding = "utf-8" });
        yield return Text("next-line-character.csv", "Name,Note\nAnn,one\u0085two\nBob,x\n");
        yield return Text("utf16-cyrillic-no-mark.csv", Encoding.Unicode.GetBytes("Имя,Город\nАнна,Москва\nПётр,Омск\n"));
        yield return Text("utf16be-cyrillic-no-mark.csv", Encoding.BigEndianUnicode.GetBytes("Имя,Город\r\nАнна,Москва\r\n"));
        yield return Text("utf16-odd-byte-at-end.csv", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Name,City\nAnn,Rome\n"), 0x41]);
        yield return Text(
            "json-number-exponent.jsonl",
            "{\"a\":1e" + new string('9', 200_000) + "}\n{\"a\":-1E-" + new string('9', 200_000) + "}\n{\"a\":1}\n");
    }

    private static IEnumerable<DamagedFile> OtherKinds()
    {
        yield return Text("page.csv", "<!DOCTYPE html>\n<html><body><table><tr><td>Ann</td></tr></table></body></html>\n");
        yield return Text("page.xls", "\uFEFF\r\n<TABLE border=1><tr><td>Ann</td></tr></TABLE>");
        yield return Text("sheet.xml", "<?xml version=\"1.0\"?>\n<Workbook/>\n");
        yield return Text("document.csv", [.. "%PDF-1.7\n"u8, 0xE2, 0xE3, 0xCF, 0xD3]);
        yield return Text("leads.zip", Zip("leads.csv"));
        yield return Text("workbook.csv", Zip("[Content_Types].xml", "xl/workbook.xml"));
        yield return Text("sheet.ods", Zip("mimetype:application/vnd.oasis.opendocument.spreadsheet"));
        yield return Text("leads.csv.gz", [0x1F, 0x8B, 8, 0, 0]);
        yield return Text("old.xls", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0]);
        yield return Text("leads.parquet", [.. "PAR1"u8, 0x15, 0x04]);
        yield return Text("store.db", [.. "SQLite format 3\0"u8, 0x10]);
        yield return Text("contacts.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEND:VCARD\n");
        yield return Text("array-pretty.json", "[\n  {\n    \"name\": \"Ann\"\n  },\n  {\n    \"name\": \"Bob\"\n  }\n]\n");
        yield return Text("array-of-arrays.json", "[[\"name\",\"email\"],[\"Ann\",\"a@x.test\"]]");
        yield return Text("object-pretty.json", "{\n  \"leads\": [\n    { \"name\": \"Ann\" }\n  ]\n}\n");
        yield return Text("json-lines-mark-and-blanks.txt", "\uFEFF\n\n{\"name\":\"Ann\"}\n\n   \n{\"name\":\"Bob\"}\n\u001A");
        yield return Text("json-lines-utf16.txt", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("{\"name\":\"Ann\"}\n")]);
        yield return Text("bracketed-headers.csv", "[Name],[Email]\nAnn,a@x.test\n");
    }

    private static DamagedFile Text(string name, string text, UploadOptions? options = null) =>
        Text(name, Encoding.UTF8.GetBytes(text), options);

    private static DamagedFile Text(string name, byte[] content, UploadOptions? options = null) => new(name, content, options);

    private static string Rows(int first, int last) =>
        string.Concat(Enumerable.Range(first, last - first + 1).Select(n => $"N{n},n{n}@x.test,Rome\n"));

    private static string Wide(int first, int last) =>
        string.Concat(Enumerable.Range(first, last - first + 1).Select(n => $"N{n},n{n}@x.test,Rome,x\n"));

    private static byte[] Zip(params ReadOnlySpan<string> parts)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var part in parts)
            {
                var named = part.Split(':');
                using var writer = new StreamWriter(zip.CreateEntry(named[0], CompressionLevel.NoCompression).Open());
                writer.Write(named[^1]);
            }
        }

        return bytes.ToArray();
    }
}
