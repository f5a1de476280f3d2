using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>An empty folder for one test, with the files that it needs.</summary>
internal sealed class Workspace : IDisposable
{
    public const string Leads = """
        First Name,Last Name,Email,Company Name,Website,Company Phone,Company Country,Notes
        JANE,o'toole,Jane.OToole@Northwind.EXAMPLE,"Northwind Logistics, Inc.",HTTP://WWW.northwind.example/about,+49 30 23125 001,Germany,=cmd
        bob,SMITH,bob@gmail.com,Blue Harbor LLC,gmail.com,030 23125 002,DE,"two
        lines"
        ,,,,,,,neither address nor company

        """;

    public const string Pipeline =
        """{ "name": "leads", "stages": ["company.country", "company.domain", "company.phone", "person.name", "person.email"] }""";

    public const string Projection = """
        { "name": "final_leads", "columns": [
          { "name": "full_name", "type": "text", "sources": [{ "field": "person.full_name" }] },
          { "name": "domain", "type": "text", "sources": [{ "field": "company.domain" }] },
          { "name": "notes", "type": "integer", "sources": [{ "column": "Notes" }] } ] }
        """;

    public Workspace()
    {
        Folder = Directory.CreateTempSubdirectory("enrich-test-").FullName;
        Write("leads.csv", Leads);
        Write("pipeline.json", Pipeline);
        Write("projection.json", Projection);
    }

    public string Folder { get; }

    public static string QuickstartLeads { get; } = Path.Combine(TestPaths.RepositoryRoot, "samples", "Quickstart", "leads.csv");

    public string FileNamed(string name) => Path.Combine(Folder, name);

    public void Write(string name, string text) => File.WriteAllText(FileNamed(name), text);

    public string Read(string name) => File.ReadAllText(FileNamed(name));

    public Task<ToolRun> EnrichAsync(params string[] arguments) => Tool.RunAsync(Folder, arguments);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
