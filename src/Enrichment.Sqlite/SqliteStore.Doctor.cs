namespace Enrichment.Sqlite;

/// <content>The verifier: every <c>doctor_*</c> file is one check that returns what violates an invariant.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var check in DoctorSentences.ChecksOf(sql))
        {
            findings.AddRange(
                await ReadAsync(session => session.Query(check, row => DoctorSentences.Say(check, row)), cancellationToken)
                    .ConfigureAwait(false));
        }

        return findings;
    }
}
