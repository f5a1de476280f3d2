namespace Enrichment.PostgreSql;

/// <content>The verifier: every <c>doctor_*</c> file is one check that returns what violates an invariant.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync("analyze", null, cancellationToken, Unlimited).ConfigureAwait(false);
        var findings = new List<Finding>();
        foreach (var check in sql.Names.Where(name => name.StartsWith("doctor_", StringComparison.Ordinal)))
        {
            var rows = await QueryAsync<(int Invariant, string Detail)>(check, new { now = Now }, cancellationToken, Unlimited)
                .ConfigureAwait(false);
            findings.AddRange(rows.Select(row => new Finding(row.Invariant, check["doctor_".Length..], row.Detail)));
        }

        return findings;
    }
}
