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
        var worker = Path.Combine(TestPaths.RepositoryRoot, "samples", "PolyglotWorker", "worker");
        var reporting = ShellCommand.RunAsync(
            ["env", $"PYTHONPATH={worker}", "python3", "-B", "-c", Report, $"http://{server.LocalEndpoint}/workers"],
            Path.GetTempPath(),
            CancellationToken.None);

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
