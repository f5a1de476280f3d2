using System.CommandLine;
using System.Text;
using Enrichment.Cli.Files;

namespace Enrichment.Cli.Commands;

/// <summary>The schema, for administrators of the database.</summary>
internal sealed class DatabaseCommand : Command
{
    public DatabaseCommand()
        : base("db", "The database's schema.")
    {
        Subcommands.Add(new MigrateCommand());
        Subcommands.Add(new ScriptCommand());
    }

    private sealed class MigrateCommand()
        : CliCommand(
            "migrate",
            "Brings the schema up to date. Every other command does so too; use this to do it in advance, or with another database user.",
            "enrich db migrate --store sqlite:leads.db")
    {
        protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            await using var session = await Session.OpenOrCreateAsync(parsed, cancellationToken);
            return new(new { Migrated = true }, "The schema is up to date.");
        }
    }

    private sealed class ScriptCommand : CliCommand
    {
        private readonly Option<string?> output = new("--output", "-o")
        {
            Description = $"The file to write. {Output.Description} Without it: standard output.",
            HelpName = "FILE",
        };

        public ScriptCommand()
            : base(
                "script",
                "Prints the SQL that makes the schema in an empty database. It changes no database.",
                "enrich db script --store \"postgres:Host=localhost;Database=leads\" --output schema.sql") => Options.Add(output);

        protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            var address = Session.AddressOf(parsed);
            await using var engine = EnrichmentEngine.Create(address.Use);
            var script = engine.Store.MigrationScript();
            if (parsed.GetValue(output) is not { } given)
            {
                return new(new { Sql = script }, script.TrimEnd());
            }

            OutputOptions.RefuseTwoOutputs(parsed, given, output.Name);
            await using var file = await Output.OpenAsync(given, new(address), cancellationToken);
            await file.Stream.WriteAsync(Encoding.UTF8.GetBytes(script), cancellationToken);
            await file.CompleteAsync();
            return new(new { Output = file.Name }, $"The script is in {file.Name}.") { Aside = file.IsStandardOutput };
        }
    }
}
