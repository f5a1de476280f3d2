using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>The schema, for those who tend the database.</summary>
internal sealed class DatabaseCommand : Command
{
    public DatabaseCommand()
        : base("db", "The database's schema.")
    {
        Subcommands.Add(new MigrateCommand());
        Subcommands.Add(new ScriptCommand());
    }

    private sealed class MigrateCommand() : CliCommand(
        "migrate", "Brings the schema up to date. Every other command does so too; this is for those who do it ahead, or with another user.", "enrich db migrate --store sqlite:leads.db")
    {
        protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            await using var session = await Session.OpenOrCreateAsync(parsed, cancellationToken);
            return new(new { Migrated = true }, "The schema is up to date.");
        }
    }

    private sealed class ScriptCommand() : CliCommand(
        "script", "Prints the SQL that would make the schema in an empty database, without touching any.", "enrich db script --store \"postgres:Host=localhost;Database=leads\" > schema.sql")
    {
        protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            await using var engine = EnrichmentEngine.Create(StoreAddress.Parse(parsed.GetValue(CommonOptions.Store)).Use);
            var script = engine.Store.MigrationScript();
            return new(new { Sql = script }, script.TrimEnd());
        }
    }
}
