
namespace Enrichment.Cli.Tests;

public sealed partial class ErrorTests : IDisposable
{
    private const int BadInput = 2;
    private const int StoreUnreachable = 3;
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("--limit: expected 1 or more.", "--limit", "0")]
    [InlineData("--limit: expected 1 or more.", "--limit", "-3")]
    [InlineData("--priority: expected 1 to 100.", "--priority", "0")]
    [InlineData("--priority: expected 1 to 100.", "--priority", "101")]
    [InlineData("--preamble: expected 0 or more.", "--preamble", "-1")]
    [InlineData("--delimiter takes one character", "--delimiter", "comma")]
    public async Task A_value_out_of_range_is_refused_before_anything_is_written(string said, string option, string value)
    {
        var run = await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", "o.csv", option, value);

        Assert.Equal((BadInput, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"enrich: {said}", run.Error, StringComparison.Ordinal);
        Assert.Equal(
            ["leads.csv", "pipeline.json", "projection.json"],
            Directory.GetFiles(workspace.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(BadInput, "There is no file 'nope.csv'.", "upload", "nope.csv")]
    [InlineData(BadInput, "'.' is a folder.", "upload", ".")]
    [InlineData(BadInput, "no provider ships this step", "run", "leads.csv", "--pipeline", "unknown.json", "--output", "o.csv")]
    [InlineData(BadInput, "broken.json, line 1, column ", "run", "leads.csv", "--pipeline", "broken.json", "--output", "o.csv")]
    [InlineData(
        BadInput,
        "There is no file 'nope.json'. The path is relative to ",
        "run",
        "leads.csv",
        "--pipeline",
        "nope.json",
        "--output",
        "o.csv")]
    [InlineData(
        BadInput,
        "that ships with the tool (normalize). Did you mean 'pipeline'?",
        "run",
        "leads.csv",
        "--pipeline",
        "pipelin",
        "--output",
        "o.csv")]
    [InlineData(
        BadInput,
        "that ships with the tool (normalize). Did you mean 'normalize'?",
        "run",
        "leads.csv",
        "--pipeline",
        "normalise",
        "--output",
        "o.csv")]
    [InlineData(
        BadInput,
        "There is no file 'pipelin.json'. Did you mean 'pipeline.json'?",
        "run",
        "leads.csv",
        "--pipeline",
        "pipelin.json",
        "--output",
        "o.csv")]
    [InlineData(
        BadInput,
        "nor projektion.json. Did you mean 'projection'?",
        "run",
        "leads.csv",
        "--pipeline",
        "normalize",
        "--projection",
        "projektion",
        "--output",
        "o.csv")]
    [InlineData(BadInput, "There is no file 'lead.csv'. Did you mean 'leads.csv'?", "upload", "lead.csv")]
    [InlineData(BadInput, "There is no workstream 'crm'. Did you mean 'crm_data'?", "upload", "leads.csv", "--workstream", "crm")]
    [InlineData(BadInput, "There is no pipeline 'nope'", "run", "leads.csv", "--pipeline", "nope", "--output", "o.csv")]
    [InlineData(
        BadInput,
        "There is no file 'nope.json'. The path is relative to ",
        "run",
        "leads.csv",
        "--pipeline",
        "normalize",
        "--projection",
        "nope.json",
        "--output",
        "o.csv")]
    [InlineData(
        BadInput,
        "The folder of the output 'nope/o.csv' is not there.",
        "run",
        "leads.csv",
        "--pipeline",
        "normalize",
        "--output",
        "nope/o.csv")]
    [InlineData(BadInput, "The output '.' is a folder.", "run", "leads.csv", "--pipeline", "normalize", "--output", ".")]
    [InlineData(
        BadInput,
        "is the input, which it would replace. Name another file.",
        "run",
        "leads.csv",
        "--pipeline",
        "normalize",
        "--output",
        "./leads.csv")]
    [InlineData(BadInput, "Option '--output' is required. Try 'enrich run --help'.", "run", "leads.csv", "--pipeline", "normalize")]
    [InlineData(
        BadInput,
        "Cannot parse argument 'many' for option '--limit'.",
        "run",
        "leads.csv",
        "--pipeline",
        "normalize",
        "--output",
        "o.csv",
        "--limit",
        "many")]
    [InlineData(
        BadInput,
        "--again and --refresh make a new one. Give only one of these options.",
        "run",
        "leads.csv",
        "--pipeline",
        "normalize",
        "--output",
        "o.csv",
        "--again",
        "--retry-failed")]
    [InlineData(
        BadInput,
        "--limit: expected 1 or more. Try 'enrich run --help'.",
        "run",
        "leads.csv",
        "--pipeline",
        "normalize",
        "--output",
        "o.csv",
        "--limit",
        "0")]
    [InlineData(
        BadInput,
        "There is no workstream 'nope'. Known: any, apollo_scrape, crm_data, customer_companies, salesnav_koolkit. Correct the name, or give a JSON file of your own: --workstream nope.json.",
        "upload",
        "leads.csv",
        "--workstream",
        "nope")]
    [InlineData(
        BadInput,
        "There is no workstream file 'nope.json'. The path is relative to ",
        "upload",
        "leads.csv",
        "--workstream",
        "nope.json")]
    [InlineData(BadInput, "--max-concurrent-calls: expected 1 to 10000. Try 'enrich work --help'.", "work", "--max-concurrent-calls", "0")]
    [InlineData(
        BadInput,
        "Cannot parse argument '1.5' for option '--max-concurrent-calls'. Try 'enrich work --help'.",
        "work",
        "--max-concurrent-calls",
        "1.5")]
    [InlineData(
        BadInput,
        "Cannot parse argument '99999999999' for option '--max-concurrent-claims'.",
        "work",
        "--max-concurrent-claims",
        "99999999999")]
    [InlineData(BadInput, "Cannot parse argument '30s' for option '--lease'.", "work", "--lease", "30s")]
    [InlineData(BadInput, "Cannot parse argument 'abc' for option '--limit'.", "items", "last", "--limit", "abc")]
    [InlineData(BadInput, "Cannot parse argument 'soon' for option '--seconds'.", "tick", "--seconds", "soon")]
    [InlineData(BadInput, "expected the item before the batch, as in 'enrich timeline 17 last'.", "timeline", "last", "1")]
    [InlineData(BadInput, "A condition is JSON, such as '{", "launch", "last", "--pipeline", "normalize", "--where", "company.domain")]
    [InlineData(BadInput, "--seconds: expected 1 to 3600. Try 'enrich tick --help'.", "tick", "--seconds", "0")]
    [InlineData(BadInput, "There is no encoding 'klingon' here.", "upload", "leads.csv", "--encoding", "klingon")]
    [InlineData(BadInput, "--delimiter takes one character", "upload", "leads.csv", "--delimiter", "comma")]
    [InlineData(BadInput, "'Not A Client'", "upload", "leads.csv", "--client", "Not A Client")]
    [InlineData(BadInput, "is neither sqlite:PATH nor postgres:CONNECTION", "upload", "leads.csv", "--store", "mysql:hunter2")]
    [InlineData(
        BadInput,
        "The PostgreSQL connection string cannot be read",
        "upload",
        "leads.csv",
        "--store",
        "postgres:my password is hunter2")]
    [InlineData(
        BadInput,
        "The PostgreSQL connection string cannot be read",
        "upload",
        "leads.csv",
        "--store",
        "postgres:Hots=localhost;Password=hunter2")]
    [InlineData(
        BadInput,
        "The PostgreSQL connection string cannot be read",
        "upload",
        "leads.csv",
        "--store",
        "postgres://me:hunter2@localhost/leads?sslmode=hunter2"
    )]
    [InlineData(
        BadInput,
        "The PostgreSQL connection string cannot be read",
        "upload",
        "leads.csv",
        "--store",
        "postgres:Host=localhost;Password=a;hunter2=b")]
    [InlineData(
        StoreUnreachable,
        "The store did not answer",
        "upload",
        "leads.csv",
        "--store",
        "postgres://me:hunter2@127.0.0.1:1/leads?sslmode=require"
    )]
    [InlineData(
        StoreUnreachable,
        "The store did not answer",
        "upload",
        "leads.csv",
        "--store",
        "postgresql://me:hunter2@127.0.0.1:1/leads"
    )]
    [InlineData(
        StoreUnreachable,
        "127.0.0.1:1. Check the address",
        "upload",
        "leads.csv",
        "--store",
        "postgres:Host=127.0.0.1;Port=1;Username=me;Password=hunter2")]
    [InlineData(StoreUnreachable, "its directory does not exist", "upload", "leads.csv", "--store", "sqlite:nope/leads.db")]
    [InlineData(StoreUnreachable, "is not a SQLite database", "upload", "leads.csv", "--store", "sqlite:leads.csv")]
    [InlineData(BadInput, "There is no database 'enrichment.db'.", "status")]
    [InlineData(BadInput, "a BATCH, or --older-than", "prune")]
    [InlineData(BadInput, "a BATCH, or --older-than", "prune", "last", "--older-than", "90d")]
    [InlineData(BadInput, "such as 90d or 12h, not '90'", "prune", "--older-than", "90")]
    [InlineData(BadInput, "such as 90d or 12h, not 'd'", "prune", "--older-than", "d")]
    [InlineData(BadInput, "There is no database 'enrichment.db'.", "work", "--until-drained")]
    [InlineData(BadInput, "'frobnicate'", "frobnicate")]
    [InlineData(BadInput, "There is no command 'uplaod'. Did you mean 'upload' or 'uploads'? Try 'enrich --help'.", "uplaod", "leads.csv")]
    [InlineData(
        BadInput,
        "There is no option '--piepline'. Did you mean '--pipeline'? Try 'enrich run --help'.",
        "run",
        "leads.csv",
        "--piepline",
        "normalize",
        "--output",
        "o.csv")]
    [InlineData(
        BadInput,
        "There is no option '--stage'. Did you mean '--from-stage'? Try 'enrich retry --help'.",
        "retry",
        "last",
        "--stage",
        "2")]
    [InlineData(
        BadInput,
        "'--limit' comes after '--', where no word is a command or an option. Put commands and options before it, or leave '--' out.",
        "run",
        "--pipeline",
        "normalize",
        "--output",
        "o.csv",
        "--",
        "leads.csv",
        "--limit",
        "1")]
    [InlineData(BadInput, "'status' comes after '--'", "--", "status")]
    [InlineData(
        BadInput,
        "nothing is below the 99 lines that are left out before the header. Leave out fewer lines.",
        "upload",
        "leads.csv",
        "--preamble",
        "99")]
    [InlineData(
        BadInput,
        "--status: there is no 'faild'. Did you mean 'failed'? Expected pending, queued, in_progress, completed, failed, skipped, cancelled. Try 'enrich items --help'.",
        "items",
        "last",
        "--status",
        "failed",
        "--status",
        "faild")]
    [InlineData(BadInput, "--error-class: there is no 'transent'. Did you mean 'transient'?", "retry", "last", "--error-class", "transent")]
    [InlineData(BadInput, "The file has no name.", "upload", "")]
    [InlineData(
        BadInput,
        "empty.csv has a header and no rows: there is nothing to run.",
        "run",
        "empty.csv",
        "--pipeline",
        "normalize",
        "--output",
        "o.csv")]
    [InlineData(BadInput, "FILE and --pipeline cannot both be -", "run", "-", "--pipeline", "-", "--output", "o.csv")]
    [InlineData(
        BadInput,
        "There is no projection 'nope': neither a file of this name, nor nope.json.",
        "run",
        "leads.csv",
        "--pipeline",
        "normalize",
        "--projection",
        "nope",
        "--output",
        "o.csv")]
    [InlineData(BadInput, "A path needs sqlite: before it.", "upload", "leads.csv", "--store", "leads.db")]
    [InlineData(
        BadInput,
        "A connection string of PostgreSQL needs postgres: before it.",
        "upload",
        "leads.csv",
        "--store",
        "Host=localhost;Password=hunter2")]
    [InlineData(
        BadInput,
        "is a connection string of SQLite, but only the path of the file can be given here.",
        "upload",
        "leads.csv",
        "--store",
        "sqlite:Data Source=leads.db;Mode=ReadOnly")]
    [InlineData(
        BadInput,
        " No batch was made; the file is kept as upload ",
        "run",
        "leads.csv",
        "--pipeline",
        "unknown.json",
        "--output",
        "o.csv")]
    public async Task An_error_is_one_line_with_its_exit_code(int exitCode, string said, params string[] arguments)
    {
        workspace.Write("unknown.json", """{ "name": "x", "stages": ["acme.size"] }""");
        workspace.Write("empty.csv", "Email,Full Name\n");
        workspace.Write("broken.json", """{ "name": "x", "stages": [""");

        var run = await workspace.EnrichAsync(arguments);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(said, Line(run), StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.DoesNotContain("hunter2", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(workspace.FileNamed("o.csv")));
    }

    [Fact]
    public async Task Hidden_characters_of_names_and_values_are_spelt_out()
    {
        const string name = "le\u001b[2Jads\n\u202Egnp.csv";
        workspace.Write(name, "Email,Evil \u202E\na@b.example,x\n");

        var run = (await workspace.EnrichAsync("upload", name, "--workstream", "any")).Succeeded();

        Assert.StartsWith(
            "le\\u001B[2Jads\\n\\u202Egnp.csv: 1 row, 1 accepted, 0 rejected; 1 field, 1 column unmapped",
            run.Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain(run.Error, character => char.IsControl(character) && character != '\n');
        var missing = await workspace.EnrichAsync("upload", "\u001b]0;owned\u0007.csv");
        Assert.StartsWith("enrich: There is no file '\\u001B]0;owned\\u0007.csv'.", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_the_error_is_the_one_object()
    {
        var run = await workspace.EnrichAsync("upload", "nope.csv", "--json");

        Assert.Equal(BadInput, run.ExitCode);
        Assert.Equal(BadInput, run.Json.GetProperty("exit_code").GetInt32());
        Assert.Contains("nope.csv", run.Json.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static string Line(ToolRun run)
    {
        var errors = run
            .Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.StartsWith("enrich: ", StringComparison.Ordinal));
        Assert.NotEqual(0, run.ExitCode);
        return Assert.Single(errors);
    }
}
