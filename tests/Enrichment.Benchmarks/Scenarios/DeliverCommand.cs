using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// What <see cref="CallbacksScenario"/> starts: for each line with a port and a file it sends the requests of the file over connections
/// that it keeps, one at a time on each, and says how long that took.
/// </summary>
/// <remarks>
/// Bare sockets and requests made before, because a real client would take more of the processors than what is measured. It stops when its
/// standard input ends.
/// </remarks>
internal sealed class DeliverCommand : Command
{
    private readonly Option<int> connections = new("--connections") { Required = true };

    public DeliverCommand()
        : base("deliver", "Delivers prepared requests.")
    {
        Hidden = true;
        Options.Add(connections);
        SetAction((parsed, _) => RunAsync(parsed.GetValue(connections)));
    }

    private static async Task RunAsync(int connections)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var requests = SignedRequests.Read(line[(line.IndexOf(' ') + 1)..]);
            var (seconds, latencies) = await DeliverAsync(
                requests,
                int.Parse(line.AsSpan(0, line.IndexOf(' ')), CultureInfo.InvariantCulture),
                connections);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{seconds} {Percentile.Of(latencies, 50)} {Percentile.Of(latencies, 99)}"));
        }
    }

    private static async Task<(double Seconds, double[] Latencies)> DeliverAsync(List<byte[]> requests, int port, int connections)
    {
        var sockets = new List<Socket>();
        for (var i = 0; i < connections; i++)
        {
            sockets.Add(new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            await sockets[i].ConnectAsync(IPAddress.Loopback, port);
        }

        var latencies = new double[requests.Count];
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(sockets.Select(socket => Task.Run(async () =>
        {
            var answer = new byte[1024];
            while (Interlocked.Increment(ref next) is var number && number < requests.Count)
            {
                var sent = Stopwatch.GetTimestamp();
                await socket.SendAsync(requests[number]);
                await ReadAnswerAsync(socket, answer);
                latencies[number] = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        sockets.ForEach(socket => socket.Dispose());
        return (seconds, latencies);
    }

    /// <summary>Reads an answer without a body, which has to say that the delivery is stored.</summary>
    private static async Task ReadAnswerAsync(Socket socket, byte[] answer)
    {
        var length = 0;
        while (!answer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            var read = await socket.ReceiveAsync(answer.AsMemory(length));
            length += read > 0 ? read : throw new InvalidOperationException("The receiver closed the connection.");
        }

        if (!answer.AsSpan(0, length).StartsWith("HTTP/1.1 202"u8))
        {
            throw new InvalidOperationException($"The receiver answered {System.Text.Encoding.ASCII.GetString(answer, 0, length)}");
        }
    }
}
