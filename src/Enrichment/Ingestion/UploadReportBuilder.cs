using System.Collections.Immutable;

namespace Enrichment.Ingestion;

/// <summary>Puts the parts of a report together.</summary>
internal static class UploadReportBuilder
{
    /// <summary>The word for JSON lines.</summary>
    public const string JsonLines = "json_lines";

    public static UploadReport Build(
        UploadOptions options,
        Workstream workstream,
        ContentScan scan,
        Dialect dialect,
        UploadColumns columns,
        GivenColumns given,
        UploadTally tally)
    {
        ImmutableArray<UploadColumn> all = [.. columns.Names.Select((name, i) => new UploadColumn(i + 1, name))];
        ImmutableArray<MappedField> mapped =
            [.. columns.Binding.Fields.Select(f => new MappedField(f.Field, [.. f.Columns.Select(c => all[c])]))];
        HashSet<int> used = [.. mapped.SelectMany(m => m.Columns).Select(c => c.Position)];
        return new UploadReport
        {
            FileName = options.ShownName,
            SizeBytes = scan.Size,
            Sha256 = Convert.ToHexStringLower(scan.Sha256),
            Workstream = workstream.Name,
            Format = dialect.Format == UploadFormat.JsonLines ? JsonLines : "delimited",
            Encoding = dialect.Encoding.Name,
            EncodingConfidence = dialect.Encoding.Confidence,
            Delimiter = dialect.Delimiter?.ToString(),
            DelimiterConfidence = dialect.DelimiterConfidence,
            PreambleLines = dialect.PreambleLines,
            Rows = tally.Rows,
            Accepted = tally.Accepted,
            Rejected = tally.Rejected,
            Ragged = tally.Ragged,
            IrregularQuotes = tally.IrregularQuotes,
            DoubleEncoded = tally.DoubleEncoded,
            Nested = [.. mapped
                .SelectMany(m => m.Columns, (m, c) => new NestedValues(m.Field, c, tally.Nested.GetValueOrDefault(c.Position - 1)))
                .Where(n => n.Rows > 0)],
            Columns = all,
            Mapped = mapped,
            Unmapped = [.. all.Where(c => !used.Contains(c.Position))],
            Mappings = [.. given.Numbers],
            Ambiguous = [.. Ambiguities(columns.Binding, mapped, all)],
            RejectedByCode = tally.Codes.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Rejections = [.. tally.Listed.Select(r => new RejectedRow(r.Row, r.Line, r.Code, r.Reason, r.Raw))],
        };
    }

    private static IEnumerable<Ambiguity> Ambiguities(
        HeaderBinding binding,
        ImmutableArray<MappedField> mapped,
        ImmutableArray<UploadColumn> all) =>
        mapped.Where(m => m.Columns.Length > 1).Select(m => new Ambiguity("several_columns", [m.Field], m.Columns))
            .Concat(binding.Contested.Select(c => new Ambiguity("several_fields", [.. c.Fields], [all[c.Column]])));
}
