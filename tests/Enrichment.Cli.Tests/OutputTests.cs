using System.Diagnostics;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>An output replaces what it may replace, and nothing else.</summary>
public sealed class OutputTests : IDisposable
{
    private const int BadInput = 2;
    private const int OutputFailed = 4;
    private const int ReaderGone = 141;
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task An_export_never_replaces_the_store()
    {
        await RunOnceAsync();
        File.CreateSymbolicLink(workspace.FileNamed("link.db"), "enrichment.db");
        Directory.CreateSymbolicLink(workspace.FileNamed("loop"), workspace.Folder);
        var before = File.ReadAllBytes(workspace.FileNamed("enrichment.db"));
        string[] others = ["enrichment.db-wal", "enrichment.db-shm", "enrichment.db.worker.lock"];
        foreach (var output in others.Concat(["enrichment.db", "./enrichment.db", "link.db", "loop/enrichment.db"]))
        {
            var run = await workspace.EnrichAsync("export", "last", "--output", output);

            Assert.Equal(BadInput, run.ExitCode);
            Assert.Matches("^enrich: The output '.*' is (the store|a file of the store), which it would replace. Name another file.\n$",
                run.Error);
            Assert.Equal(before, File.ReadAllBytes(workspace.FileNamed("enrichment.db")));
            Assert.Empty(Parts());
        }
    }

    [Theory]
    [InlineData("leads.csv", "the input")]
    [InlineData("pipeline.json", "the pipeline")]
    [InlineData("projection.json", "the projection")]
    [InlineData("vendors/acme.json", "a vendor's file")]
    [InlineData("sizes.csv", "the table of a lookup")]
    [InlineData("kind.json", "the workstream")]
    [InlineData("enrichment.db", "the store")]
    [InlineData("enrichment.db-wal", "a file of the store")]
    [InlineData("also.json", "the pipeline")]
    public async Task A_run_replaces_nothing_that_it_reads_and_begins_nothing(string output, string what)
    {
        Directory.CreateDirectory(workspace.FileNamed("vendors"));
        workspace.Write("sizes.csv", "Domain,Size\nnorthwind.example,7\n");
        workspace.Write("vendors/acme.json", """
            { "step": "acme.size", "version": "1.0.0", "kind": "lookup.csv", "reads": ["company.domain"], "produces": ["company.size"],
              "options": { "file": "sizes.csv", "key": { "Domain": { "field": "company.domain" } }, "fields": { "company.size": "Size" } } }
            """);
        workspace.Write("kind.json", """{ "name": "kind", "version": 1, "fields": { "person.email": ["Email"] } }""");
        await ShellAsync("ln pipeline.json also.json");
        var before = File.Exists(workspace.FileNamed(output)) ? workspace.Read(output) : null;

        var run = await workspace.EnrichAsync(
            "run", "leads.csv", "--pipeline", "pipeline", "--projection", "projection", "--workstream", "kind.json", "--output", output);

        Assert.Equal((BadInput, $"enrich: The output '{output}' is {what}, which it would replace. Name another file.\n"),
            (run.ExitCode, run.Error));
        Assert.Equal(before, File.Exists(workspace.FileNamed(output)) ? workspace.Read(output) : null);
        Assert.False(File.Exists(workspace.FileNamed("enrichment.db")));
        Assert.Empty(Parts());
    }

    [Fact]
    public async Task An_export_never_replaces_the_uploaded_file()
    {
        await RunOnceAsync();
        await ShellAsync("mkdir loop; ln -s leads.csv link.csv; ln leads.csv hard.csv");
        foreach (var output in new[] { "leads.csv", "loop/../leads.csv", "link.csv", "hard.csv" })
        {
            var run = await workspace.EnrichAsync("export", "last", "--output", output);

            Assert.Equal((BadInput, $"enrich: The output '{output}' is an uploaded file, which it would replace. Name another file.\n"),
                (run.ExitCode, run.Error));
            Assert.Equal(Workspace.Leads, workspace.Read("leads.csv"));
            Assert.Empty(Parts());
        }
    }

    [Fact]
    public async Task An_export_never_replaces_the_uploaded_file_of_another_batch()
    {
        await RunOnceAsync();
        workspace.Write("others.csv", "Company Name,Website\nNorthwind,northwind.example\n");
        (await workspace.EnrichAsync("run", "others.csv", "--pipeline", "normalize", "--output", "others_clean.csv")).Succeeded();

        var run = await workspace.EnrichAsync("export", "last", "--output", "leads.csv");

        Assert.Equal((BadInput, "enrich: The output 'leads.csv' is an uploaded file, which it would replace. Name another file.\n"),
            (run.ExitCode, run.Error));
        Assert.Equal(Workspace.Leads, workspace.Read("leads.csv"));
        Assert.Empty(Parts());
    }

    [Fact]
    public async Task No_output_replaces_the_file_of_any_upload_of_the_store()
    {
        await RunOnceAsync();
        const string others = "Company Name,Website\nNorthwind,northwind.example\n";
        workspace.Write("others.csv", others);
        (await workspace.EnrichAsync("upload", "others.csv", "--client", "acme")).Succeeded();
        (
            await workspace.EnrichAsync("run", "leads.csv", "--client", "globex", "--pipeline", "normalize", "--output", "globex.csv")).Succeeded();
        string[] commands =
        [
            "run leads.csv --pipeline normalize --output others.csv",
            "run leads.csv --pipeline normalize --output out.csv --rejects others.csv",
            "run leads.csv --pipeline normalize --output others.csv --client another --create-client",
            "upload leads.csv --rejects others.csv",
            "export last --output others.csv",
            "export last --output others.csv --client globex",
        ];
        foreach (var command in commands)
        {
            var run = await workspace.EnrichAsync(command.Split(' '));

            Assert.Equal(BadInput, run.ExitCode);
            Assert.EndsWith(
                "enrich: The output 'others.csv' is an uploaded file, which it would replace. Name another file.\n",
                run.Error,
                StringComparison.Ordinal);
            Assert.Equal(others, workspace.Read("others.csv"));
            Assert.Empty(Parts());
        }
    }

    [Fact]
    public async Task A_run_on_a_pipe_does_not_replace_the_file_that_was_piped_in()
    {
        var shown = await ShellAsync(
            $"cat leads.csv | {Tool.CommandLine} run - --pipeline normalize --output leads.csv 2> error.txt; echo $?");

        Assert.Equal($"{BadInput}\n", shown);
        Assert.Contains(
            "The output 'leads.csv' is the input, which it would replace.",
            workspace.Read("error.txt"),
            StringComparison.Ordinal);
        Assert.Equal(Workspace.Leads, workspace.Read("leads.csv"));
        Assert.Empty(Parts());
    }

    [Fact]
    public async Task A_run_never_replaces_the_file_that_a_shell_gives_it_as_standard_input()
    {
        var shown = await ShellAsync($"{Tool.CommandLine} run - --pipeline normalize --output leads.csv < leads.csv 2> error.txt; echo $?");

        Assert.Equal($"{BadInput}\n", shown);
        Assert.Contains("The output 'leads.csv' is the input, which it would replace.", workspace.Read("error.txt"),
            StringComparison.Ordinal);
        Assert.Equal(Workspace.Leads, workspace.Read("leads.csv"));
    }

    [Theory]
    [InlineData("run leads.csv --pipeline pipeline --output out.csv 2> /dev/full", 0)]
    [InlineData("run leads.csv --pipeline pipeline --output out.csv 2>&-", 0)]
    [InlineData("status last 2> /dev/full", BadInput)]
    [InlineData("steps --json > /dev/full", OutputFailed)]
    [InlineData("steps > /dev/full 2>&1", OutputFailed)]
    [InlineData("steps >&-", OutputFailed)]
    [InlineData("upload leads.csv --json >&-", OutputFailed)]
    public async Task A_message_that_cannot_be_written_changes_no_exit_code(string command, int exitCode) =>
        Assert.Equal($"{exitCode}", (await ShellAsync($"{Tool.CommandLine} {command}; echo $?")).Split('\n')[^2]);

    [Theory]
    [InlineData("upload leads.csv")]
    [InlineData("run leads.csv --pipeline pipeline --output -")]
    public async Task A_closed_standard_output_is_told_and_the_work_is_kept(string command)
    {
        Assert.Equal($"{OutputFailed}\n", await ShellAsync($"{Tool.CommandLine} {command} 2> error.txt >&-; echo $?"));

        Assert.Contains(
            "enrich: Standard output is closed, so the answer could not be written.",
            workspace.Read("error.txt"),
            StringComparison.Ordinal);
        Assert.Contains(
            "uploaded before",
            (await workspace.EnrichAsync("upload", "leads.csv")).Succeeded().Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_standard_output_is_told_before_standard_input_is_waited_for()
    {
        using var shell = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", $"exec {Tool.CommandLine} upload - 2> error.txt >&-"])
            {
                WorkingDirectory = workspace.Folder,
                RedirectStandardInput = true, // And nothing comes.
            })!;
        try
        {
            await shell.WaitForExitAsync().WaitAsync(Wait.Patience);
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }

        Assert.Equal(OutputFailed, shell.ExitCode);
        Assert.StartsWith(
            "enrich: Standard output is closed, so that the answer could not be written. Standard input was not read.",
            workspace.Read("error.txt"),
            StringComparison.Ordinal);
        Assert.False(File.Exists(workspace.FileNamed("enrichment.db")));
    }

    [Fact]
    public async Task A_link_stays_a_link_and_its_file_is_replaced()
    {
        Directory.CreateDirectory(workspace.FileNamed("elsewhere"));
        File.CreateSymbolicLink(workspace.FileNamed("out.csv"), Path.Combine("elsewhere", "real.csv"));

        await RunOnceAsync();

        Assert.Equal("elsewhere/real.csv", new FileInfo(workspace.FileNamed("out.csv")).LinkTarget);
        Assert.StartsWith("First Name,", workspace.Read("elsewhere/real.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_and_a_device_are_written_into()
    {
        await RunOnceAsync();
        var expected = workspace.Read("out.csv");
        await ShellAsync("mkfifo pipe; ln -s /dev/null null");
        var reader = ShellAsync("cat pipe; test -p pipe && echo still a pipe");

        (await workspace.EnrichAsync("export", "last", "--output", "pipe")).Succeeded();
        (await workspace.EnrichAsync("export", "last", "--output", "null")).Succeeded();

        Assert.Equal(expected + "still a pipe\n", await reader);
        Assert.Equal("/dev/null", new FileInfo(workspace.FileNamed("null")).LinkTarget);
        Assert.Empty(Parts());
    }

    [Theory]
    [InlineData("-")]
    [InlineData("/dev/stdout")]
    public async Task Standard_output_has_the_rows_alone(string output)
    {
        var run = (await Tool.RunWithInputAsync(
            workspace.Folder, Workspace.Leads, "run", "-", "--pipeline", "normalize", "--output", output)).Succeeded();
        await RunOnceAsync();

        Assert.Equal(workspace.Read("out.csv"), run.Output);
        Assert.Contains("standard input: 3 rows, 3 accepted", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("3 rows in standard output\n", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(workspace.FileNamed("-")));

        var both = await workspace.EnrichAsync("export", "last", "--output", output, "--json");
        Assert.Equal(BadInput, both.ExitCode);
        Assert.Contains("would both write to standard output", both.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_output_that_is_a_file_is_written_to_and_not_replaced()
    {
        await RunOnceAsync();

        var shown = await ShellAsync(
            $"{Tool.CommandLine} export last --output - > rows.csv && cat rows.csv; {Tool.CommandLine} export last --output all.csv > all.csv 2> error.txt; echo $?");

        Assert.Equal(workspace.Read("out.csv") + $"{BadInput}\n", shown);
        Assert.Contains("is the file into which this process already writes", workspace.Read("error.txt"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_ends_first_ends_the_command_quietly()
    {
        var rows = string.Concat(Enumerable.Range(1, 20_000)
            .Select(row => $"Jane,Doe,jane.{row}@northwind.example,Northwind {row} Ltd,,,,{new string('x', 200)}\n"));
        workspace.Write("leads.csv", Workspace.Leads.Split('\n')[0] + "\n" + rows);
        await RunOnceAsync();

        var shown = await ShellAsync($"({Tool.CommandLine} export last --output - 2> error.txt; echo $? > code.txt) | head -1");

        Assert.StartsWith("First Name,", Assert.Single(shown.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal($"{ReaderGone}\n", workspace.Read("code.txt"));
        Assert.Equal("", workspace.Read("error.txt"));
    }

    [Fact]
    public async Task A_full_disk_is_told_with_the_file_and_the_work_is_kept()
    {
        const string mend =
            "could not be written to its end: the disk is full. What was written before stays there. Make room or name another output; then the same command writes it, and does no work twice.\n";

        var run = await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", "/dev/full");
        var script = await workspace.EnrichAsync("db", "script", "--output", "/dev/full");
        var piped = await ShellAsync(
            $"{Tool.CommandLine} export last --output - 2>&1 > /dev/full; echo $?; {Tool.CommandLine} status 2>&1 > /dev/full; echo $?");

        Assert.Equal((OutputFailed, OutputFailed), (run.ExitCode, script.ExitCode));
        Assert.EndsWith($"enrich: The output '/dev/full' {mend}", run.Error, StringComparison.Ordinal);
        Assert.Equal($"enrich: The output '/dev/full' {mend}", script.Error);
        Assert.Equal(
            $"enrich: Standard output {mend}{OutputFailed}\nenrich: The disk is full: No space left on device. What was done is kept. Make room; then the same command goes on.\n{OutputFailed}\n",
            piped);
        Assert.Contains(
            "are batch",
            (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", "out.csv")).Succeeded().Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_that_cannot_be_made_is_refused_before_anything_is_stored()
    {
        foreach (var output in (string[])["nope/out.csv", "", ".", "folder/"])
        {
            Assert.Equal(BadInput,
                (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", output)).ExitCode);
        }

        Assert.False(File.Exists(workspace.FileNamed("enrichment.db")));
    }

    [Fact]
    public async Task Files_of_a_killed_run_are_swept_and_those_of_a_living_one_are_not()
    {
        await RunOnceAsync();
        var left = workspace.FileNamed("out.csv.0123456789abcdef.part");
        var living = workspace.FileNamed("out.csv.fedcba9876543210.part");
        var strangers = workspace.FileNamed("out.csv.notes.part");
        workspace.Write(Path.GetFileName(left), "half");
        workspace.Write(Path.GetFileName(strangers), "mine");
        await using var held = new FileStream(living, FileMode.CreateNew, FileAccess.Write, FileShare.None);

        (await workspace.EnrichAsync("export", "last", "--output", "out.csv")).Succeeded();

        Assert.Equal([strangers, living], Parts().Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task A_new_output_is_its_owners_alone_and_a_replaced_one_keeps_its_mode()
    {
        await RunOnceAsync();
        Assert.Equal("600\n", await ShellAsync("stat -c %a out.csv && chmod 640 out.csv"));

        (await workspace.EnrichAsync("export", "last", "--output", "out.csv")).Succeeded();

        Assert.Equal("640\n", await ShellAsync("stat -c %a out.csv"));
    }

    [Fact]
    public async Task Every_rejected_row_is_written_and_the_others_are_counted()
    {
        workspace.Write("leads.csv", Workspace.Leads.Split('\n')[0] + "\nJane,Doe,jane@northwind.example,Northwind,,,,\n" + string.Concat(
            Enumerable.Repeat(",,,,,,,=1+1\n", 200)));

        var run = (await workspace.EnrichAsync(
            "upload", "leads.csv", "--rejects", "rejects.csv", "--json", "--workstream", "apollo_scrape")).Succeeded();

        var lines = workspace.Read("rejects.csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(201, lines.Length);
        Assert.StartsWith("enrichment.row,enrichment.line,enrichment.code,enrichment.reason,enrichment.text,First Name,", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("200 rejected rows in " + workspace.FileNamed("rejects.csv") + "\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("  … and 195 more (", run.Error, StringComparison.Ordinal);
        Assert.Contains("--rejects FILE writes them all.", run.Error, StringComparison.Ordinal);
        Assert.Equal(100, run.Json.GetProperty("rejections_left_out").GetInt32());
    }

    [Fact]
    public async Task The_schema_script_goes_to_a_file()
    {
        var printed = (await workspace.EnrichAsync("db", "script")).Succeeded().Output;

        (await workspace.EnrichAsync("db", "script", "--output", "schema.sql")).Succeeded();

        Assert.Equal(printed.TrimEnd(), workspace.Read("schema.sql").TrimEnd());
    }

    private async Task RunOnceAsync() =>
        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", "out.csv")).Succeeded();

    private string[] Parts() => Directory.GetFiles(workspace.Folder, "*.part");

    private async Task<string> ShellAsync(string script)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = workspace.Folder, RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return output;
    }
}
