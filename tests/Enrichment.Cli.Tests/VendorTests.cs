using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Cli.Tests;

/// <summary>An operator adds a vendor by a file beside the others.</summary>
public sealed class VendorTests : IDisposable
{
    private readonly Workspace workspace = new();

    public VendorTests()
    {
        workspace.Write("leads.json", """{ "name": "leads", "stages": ["company.domain", "acme.company"] }""");
        workspace.Write("leads.csv", "Company Name,Website\nAcme,acme.com\nNorthwind,northwind.example\n");
    }

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task The_folder_beside_the_pipeline_is_found()
    {
        await using var vendor = Acme();
        Put("vendors", vendor.Url);

        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", "--allow", "127.0.0.1")).Succeeded();

        Assert.Equal(
            ["/v1/acme.com", "/v1/northwind.example"],
            vendor.Requests.Select(request => request.Target).Order(StringComparer.Ordinal));
        Assert.Contains("acme.com,7", workspace.Read("out.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lookup_beside_the_vendors_saves_what_is_known()
    {
        await using var vendor = Acme();
        Put("vendors", vendor.Url);
        workspace.Write("vendors/known.json", """
            {
              "step": "known.company", "version": "1.0.0", "kind": "lookup.csv", "reads": ["company.domain"], "produces": ["company.size"],
              "options": { "file": "known.csv", "key": { "Domain": { "field": "company.domain", "as": "Domain" } }, "fields": { "company.size": "Size" } }
            }
            """);
        workspace.Write("known.csv", "Domain,Size\nacme.com,6\n");
        workspace.Write(
            "leads.json",
            """{ "name": "leads", "stages": ["company.domain", "known.company", { "step": "acme.company", "when": { "field": "company.size", "exists": false } }] }""");

        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", "--allow", "127.0.0.1")).Succeeded();

        Assert.Equal("/v1/northwind.example", Assert.Single(vendor.Requests).Target);
        Assert.Contains("acme.com,6", workspace.Read("out.csv"), StringComparison.Ordinal);
        Assert.Contains("northwind.example,7", workspace.Read("out.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_one_by_one_take_a_folder_by_name()
    {
        await using var vendor = Acme();
        Put("ours", vendor.Url);
        var upload = (await workspace.EnrichAsync("upload", "leads.csv", "--json")).Succeeded().Json.GetProperty("upload").GetString()!;

        var batch = (await workspace.EnrichAsync("launch", upload, "--pipeline", "leads", "--vendors", "ours", "--json"))
            .Succeeded()
            .Json.GetProperty("batch")
            .GetString()!;
        var left = $"2 items of batch {batch} (client default) wait at stage 2 for a host with the step acme.company 1.0.0";
        var work = (await workspace.EnrichAsync("work", "--until-drained")).Succeeded();
        Assert.Contains(left, work.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing is left to do", work.Output, StringComparison.Ordinal);
        Assert.Contains(left, (await workspace.EnrichAsync("tick")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(
            "acme.company",
            (await workspace.EnrichAsync("tick", "--json")).Succeeded().Json.GetProperty("missing")[0].GetProperty("step").GetString());
        Assert.Empty(vendor.Requests); // A worker without the vendor leaves its stage to others.
        (await workspace.EnrichAsync("tick", "--vendors", Path.Combine("ours", "acme.json"), "--allow", "127.0.0.1")).Succeeded();

        Assert.Equal(2, vendor.Requests.Count);
        Assert.Equal(
            "completed",
            (await workspace.EnrichAsync("status", batch, "--json")).Succeeded().Json.GetProperty("batch").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_vendor_gets_no_more_calls_at_once_than_was_said()
    {
        var (now, most) = (0, 0);
        await using var vendor = new LocalServer(async exchange =>
        {
            lock (workspace)
            {
                most = Math.Max(most, ++now);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System); // Whoever has leave to come as well, does.
            lock (workspace)
            {
                now--;
            }

            await exchange.JsonAsync(200, """{"size":7}""");
        });
        Put("vendors", vendor.Url);
        workspace.Write(
            "leads.csv",
            "Company Name,Website\n" + string.Concat(Enumerable.Range(1, 20).Select(n => $"Acme {n},acme{n}.com\n")));

        (
            await workspace.EnrichAsync(
                "run",
                "leads.csv",
                "--pipeline",
                "leads",
                "--output",
                "out.csv",
                "--allow",
                "127.0.0.1",
                "--max-concurrent-claims",
                "1",
                "--max-concurrent-calls",
                "2")).Succeeded();

        Assert.Equal(20, vendor.Requests.Count);
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Without_allow_nothing_inside_is_called()
    {
        await using var vendor = Acme();
        Put("vendors", vendor.Url);

        var run = await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(
            $"request.url leads to {vendor.Url}, where every call would be refused: it would be called without TLS. Use https, or put the host into --allow if it is inside your network.",
            run.Error,
            StringComparison.Ordinal);
        Assert.Empty(vendor.Requests);
    }

    [Fact]
    public async Task A_vendor_is_tried_with_one_call_that_is_shown_without_secrets()
    {
        await using var vendor = new LocalServer(exchange =>
            exchange.JsonAsync(400, $$"""{"error":"no such \u001b[31mthing","you_sent":"{{exchange.Request.Headers["Authorization"]}}"}"""));
        workspace.Write(
            "acme.json",
            $$"""
            {
              "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "produces": ["company.size"],
              "options": {
                "request": { "url": "{{vendor.Url}}/v1", "body": { "domain": "{{"{{company.domain}}"}}" } }, "authentication": { "kind": "Bearer" }, "credential": "secret:ACME_TRIED",
                "errors": { "keepText": true }, "answer": { "fields": { "company.size": "/size" } }
              }
            }
            """);
        Environment.SetEnvironmentVariable("ENRICHMENT_SECRET_ACME_TRIED", "canary-of-acme"); // The tool inherits it.

        var tried = await workspace.EnrichAsync("vendor", "try", "acme.json", "--field", "company.domain=acme.com", "--allow", "127.0.0.1");

        Assert.Equal(1, tried.ExitCode);
        Assert.Contains($"POST {vendor.Url}/v1\n", tried.Output, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer secret:ACME_TRIED\n", tried.Output, StringComparison.Ordinal);
        Assert.Contains("""{"domain":"acme.com"}""", tried.Output, StringComparison.Ordinal);
        Assert.Contains("\n400 ", tried.Output, StringComparison.Ordinal);
        Assert.Contains(
            "The item is failed: The vendor refuses the request (400). It said: {\"error\":\"no such",
            tried.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("canary", tried.Output + tried.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', tried.Output);
        Assert.False(File.Exists(workspace.FileNamed("enrichment.db")));
    }

    [Fact]
    public async Task A_trial_warns_of_a_field_that_is_not_sent()
    {
        await using var vendor = Acme();
        Put("vendors", vendor.Url);

        var tried = (
            await workspace.EnrichAsync(
                "vendor",
                "try",
                "vendors/acme.json",
                "--allow",
                "127.0.0.1",
                "--field",
                "company.domain=acme.com",
                "--field",
                "company.domian=acme.org")).Succeeded();

        Assert.Equal(
            "warning: Step 'acme.company' does not read 'company.domian', which is not sent. Did you mean 'company.domain'? It reads company.domain.\n",
            tried.Error);
        Assert.Equal("/v1/acme.com", Assert.Single(vendor.Requests).Target);
    }

    [Fact]
    public async Task A_trial_without_a_field_that_the_step_reads_says_how_to_give_one()
    {
        await using var vendor = Acme();
        Put("vendors", vendor.Url);

        var tried = await workspace.EnrichAsync("vendor", "try", "vendors/acme.json", "--allow", "127.0.0.1");

        Assert.Equal(
            (
                2,
                "enrich: Step 'acme.company' reads company.domain, and the record has no value of these. Give one such as --field company.domain=VALUE.\n"),
            (tried.ExitCode, tried.Error));
        Assert.Empty(vendor.Requests);
    }

    [Theory]
    [InlineData("{", "vendors/acme.json, line 1, column 2: not JSON in UTF-8.")]
    [InlineData(
        """{ "step": "acme.company", "version": "1.0.0", "kind": "call", "options": { "reqest": {} } }""",
        "vendors/acme.json, $.options.reqest: there is no such setting. Known: request,")]
    public async Task A_document_that_is_not_sound_is_told_before_anything_is_done(string document, string message)
    {
        Directory.CreateDirectory(workspace.FileNamed("vendors"));
        workspace.Write("vendors/acme.json", document);

        var run = await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"enrich: Vendors cannot be used. {message}", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(workspace.FileNamed("enrichment.db")));
    }

    [Theory]
    [InlineData("faulty.json", "{", "vendors/faulty.json, line 1, column 2: not JSON in UTF-8.")]
    [InlineData(
        "faulty.json",
        """{ "step": "other.step", "version": "1", "kind": "call", "options": { "request": { "url": "https://api.example.com/" } } }""",
        "vendors/faulty.json: ")]
    [InlineData(
        "faulty.json",
        """{ "step": "other.step", "version": "1.0.0", "kind": "call", "options": { "reqest": {} } }""",
        "vendors/faulty.json, $.options.reqest: there is no such setting.")]
    public async Task A_faulty_document_stops_no_command_that_does_not_need_it(string name, string document, string message)
    {
        await using var vendor = Acme();
        Put("vendors", vendor.Url);
        workspace.Write(Path.Combine("vendors", name), document);

        foreach (
            var command in (string[][])
                [
                    ["run", "leads.csv", "--pipeline", "normalize", "-o", "a.csv"],
                    ["run", "leads.csv", "--pipeline", "leads", "-o", "b.csv", "--allow", "127.0.0.1"],
                    ["work", "--until-drained"],
                    ["steps"],
                    ["fields", "--vendors", "vendors"],
                ])
        {
            var run = (await workspace.EnrichAsync(command)).Succeeded();
            Assert.Contains($"warning: {message}", run.Error, StringComparison.Ordinal);
            Assert.Contains("The document is left out. Correct it, or move it out of the folder.", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(2, vendor.Requests.Count);
        Assert.Equal(2, (await workspace.EnrichAsync("steps", "--vendors", Path.Combine("vendors", name))).ExitCode);
    }

    [Fact]
    public async Task Of_two_documents_of_one_step_neither_is_used()
    {
        await using var vendor = Acme();
        Put("vendors", vendor.Url);
        File.Copy(workspace.FileNamed("vendors/acme.json"), workspace.FileNamed("vendors/again.json"));

        var run = await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "-o", "b.csv", "--allow", "127.0.0.1");

        Assert.Equal(
            (
                2,
                "enrich: Vendors cannot be used. vendors/acme.json and vendors/again.json are both step 'acme.company' 1.0.0. Give one of them another version or another slug.\n"),
            (run.ExitCode, run.Error));
        Assert.DoesNotContain("acme.company", (await workspace.EnrichAsync("steps")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--vendors", "nowhere", "enrich: There is no file or folder 'nowhere' with vendors.")]
    [InlineData("--allow", "10.0.0.0/99", "enrich: --allow: ")]
    public async Task An_option_that_cannot_be_is_told(string option, string value, string message)
    {
        var run = await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", option, value);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }

    private static LocalServer Acme() => new(exchange => exchange.JsonAsync(200, """{"size":7}"""));

    private void Put(string folder, string url)
    {
        Directory.CreateDirectory(workspace.FileNamed(folder));
        workspace.Write(Path.Combine(folder, "acme.json"), $$"""
            {
              "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "produces": ["company.size"],
              "options": { "request": { "method": "GET", "url": "{{url}}/v1/{{"{{company.domain}}"}}" }, "answer": { "fields": { "company.size": "/size" } } }
            }
            """);
    }
}
