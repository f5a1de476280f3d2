using System.Data.Common;

namespace Enrichment.Consolidation.Filling;

/// <summary>Makes the commands of the consolidation, in the same way for every database.</summary>
internal static class ConsolidationCommand
{
    /// <summary>
    /// Longer than any statement on one bucket, and any wait for another host's consolidation. There is a bound because users write the
    /// definitions.
    /// </summary>
    public const int TimeoutSeconds = 1800;

    /// <param name="connection">An open connection.</param>
    /// <param name="sql">A file's text, or a dialect's, which is made of checked identifiers alone.</param>
    /// <param name="transaction">The transaction to take part in.</param>
    /// <param name="values">The parameters.</param>
    public static DbCommand Command(this DbConnection connection, string sql, DbTransaction? transaction, Dictionary<string, object> values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandTimeout = TimeoutSeconds;
#pragma warning disable CA2100 // The text holds no value: see the parameter's description.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
