namespace Enrichment.Sqlite;

/// <content>The verifier: every <c>doctor_*</c> file is one check that returns what violates an invariant.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var check in sql.Names.Where(name => name.StartsWith("doctor_", StringComparison.Ordinal)))
        {
            findings.AddRange(
                await ReadAsync(
                        session => session.Query(check, row => new Finding(row.GetInt32(0), check["doctor_".Length..], row.GetString(1))),
                        cancellationToken)
                    .ConfigureAwait(false));
        }

        return findings;
    }
}
