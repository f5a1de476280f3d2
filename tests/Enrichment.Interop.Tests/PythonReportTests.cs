using System.Net;
using System.Net.Sockets;
using System.Text;
using Enrichment.TestKit;

namespace Enrichment.Interop.Tests;

/// <summary>The sample's client of the worker API, against a server whose answers break off.</summary>
public sealed class PythonReportTests
{
    private const string Report =
        "import sys; from http_tasks import HttpTasks; print(HttpTasks(sys.argv[1], 'key', 'worker', 60).complete([({'task': 'a'}, None)]))";

    [Fact]
    public async Task A_report_whose_answer_breaks_off_is_sent_again()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var reporting = ReportAsync(server);

        // Half a body, half a head, nothing at all; then all of it.
        foreach (
            var answer in (string[])
            [
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "HTTP/1.1 2", "", "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"refused\":[]}",
            ])
        {
            var accepting = server.AcceptTcpClientAsync();
            await await Task.WhenAny(accepting, reporting).WaitAsync(Wait.Patience); // A worker that gives up fails the test in its words.
            using var connection = await accepting.WaitAsync(Wait.Patience);
            await AnswerAsync(connection.GetStream(), answer);
        }

        Assert.Equal("[]", (await reporting.WaitAsync(Wait.Patience)).Trim());
    }

    [Fact]
    public async Task A_refused_request_is_an_error_that_tells_what_the_host_expects()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var reporting = ReportAsync(server);
        var accepting = server.AcceptTcpClientAsync();
        await await Task.WhenAny(accepting, reporting).WaitAsync(Wait.Patience);
        using var connection = await accepting;
        await AnswerAsync(
            connection.GetStream(),
            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: 37\r\n\r\n{\"detail\":\"$.tasks[0].result: wrong\"}");

        var error = await Assert.ThrowsAnyAsync<Exception>(() => reporting.WaitAsync(Wait.Patience));
        Assert.Contains("HTTP Error 400: $.tasks[0].result: wrong", error.Message, StringComparison.Ordinal);
    }

    private static Task<string> ReportAsync(TcpListener server)
    {
        var worker = Path.Combine(TestPaths.RepositoryRoot, "samples", "PolyglotWorker", "worker");
        return ShellCommand.RunAsync(
            ["env", $"PYTHONPATH={worker}", "python3", "-B", "-c", Report, $"http://{server.LocalEndpoint}/workers"],
            Path.GetTempPath(),
            CancellationToken.None);
    }

    /// <summary>Reads one request to its end, and answers it.</summary>
    private static async Task AnswerAsync(NetworkStream stream, string answer)
    {
        var request = new StringBuilder();
        var buffer = new byte[1024];
        while (!request.ToString().EndsWith("]}", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            Assert.NotEqual(0, read);
            request.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
    }
}
