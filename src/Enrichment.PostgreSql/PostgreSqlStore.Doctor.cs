using Dapper;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>The verifier: every <c>doctor_*</c> file is one check that returns what violates an invariant.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync("analyze", null, cancellationToken, Unlimited).ConfigureAwait(false);
        var findings = new List<Finding>();
        foreach (var check in DoctorSentences.ChecksOf(sql))
        {
            findings.AddRange(
                await ReadAsync(connection => CheckAsync(connection, check, null, cancellationToken), cancellationToken)
                    .ConfigureAwait(false));
        }

        return findings;
    }

    private async Task<List<Finding>> CheckAsync(
        NpgsqlConnection connection,
        string check,
        NpgsqlTransaction? transaction,
        CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        await using var rows = await connection
            .ExecuteReaderAsync(Command(check, null, cancellationToken, transaction, Unlimited))
            .ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            findings.Add(DoctorSentences.Say(check, rows));
        }

        return findings;
    }
}
