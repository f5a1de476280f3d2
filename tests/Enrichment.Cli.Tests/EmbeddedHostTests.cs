using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>The sample of a host, run as its readers run it and used over HTTP.</summary>
public sealed class EmbeddedHostTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("sqlite", "acme", "Head of Purchasing")]
    [InlineData("postgresql", "globex", "Leiterin Einkauf")]
    public async Task A_list_goes_in_and_a_typed_table_comes_out_with_what_the_vendor_delivered(string store, string client, string title)
    {
        using var host = await StartAsync(
            store == "sqlite"
                ? $"--Database={workspace.FileNamed("leads.db")}"
                : $"--ConnectionStrings:Enrichment={database.ConnectionString}");
        using var http = new HttpClient { BaseAddress = host.Address };
        await using var leads = File.OpenRead(Path.Combine(TestPaths.RepositoryRoot, "samples", "EmbeddedHost", "leads.csv"));

        using var accepted = await http.PostAsync($"clients/{client}/uploads", new StreamContent(leads));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var upload = await accepted.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((3, 1), (upload.GetProperty("accepted").GetInt32(), upload.GetProperty("rejected").GetInt32()));
        var batch = $"clients/{client}/batches/{upload.GetProperty("batch").GetGuid()}";
        Assert.EndsWith(batch, accepted.Headers.Location!.OriginalString, StringComparison.Ordinal);

        var progress = await http.GetFromJsonAsync<JsonElement>($"{batch}?wait=true");
        Assert.Equal("completed", progress.GetProperty("batch").GetProperty("status").GetString());
        Assert.Equal(
            $"""
            name,initials,email,domain,title
            Ada Lovelace,AL,Ada.Lovelace@Analytical.example,analytical.example,{title}
            Grace Hopper,GH,grace@compilers.example,compilers.example,{title}
            Alan Turing,AT,alan@bombe.example,bombe.example,{title}

            """.ReplaceLineEndings("\r\n"),
            await http.GetStringAsync($"{batch}/leads.csv"));
        var records = await http.GetFromJsonAsync<JsonElement>($"{batch}/records");
        Assert.Equal(["Name", "Email", "Website"], records.GetProperty("columns").EnumerateArray().Select(column => column.GetString()));
        Assert.Equal(3, records.GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task A_batch_that_a_client_does_not_have_is_not_found_and_a_bad_name_is_refused()
    {
        using var host = await StartAsync($"--Database={workspace.FileNamed("leads.db")}");
        using var http = new HttpClient { BaseAddress = host.Address };

        foreach (var path in (string[])["", "?wait=true", "/records", "/leads.csv"])
        {
            using var missing = await http.GetAsync($"clients/acme/batches/{Guid.CreateVersion7()}{path}");
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
            Assert.Contains("Client 'acme' has no batch", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var refused = await http.GetAsync($"clients/No%20Slug/batches/{Guid.CreateVersion7()}");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    private static async Task<Host> StartAsync(string store)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        probe.Stop();
        var folder = Path.Combine(
            TestPaths.RepositoryRoot,
            "samples",
            "EmbeddedHost",
            "bin",
            new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
            "net10.0");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "EmbeddedHost.dll",
                "--urls",
                address,
                $"--Enrichment:Callbacks:Address={address}callbacks",
                $"--Vendor:Address={address}pretend-vendor/titles",
                store,
            ])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "false";
        var process = Process.Start(start)!;
        var said = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.AppendLine(line);
            if (line.Contains("Application started", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new(process, new(address));
            }
        }

        process.Dispose();
        throw new InvalidOperationException($"The host did not start:\n{said}");
    }

    private sealed record Host(Process Process, Uri Address) : IDisposable
    {
        public void Dispose()
        {
            Process.Kill();
            Process.WaitForExit();
            Process.Dispose();
        }
    }
}
