using System.Text;

namespace Enrichment.Providers.Http.Tests.Servers;

/// <summary>A request and the bare connection on which a test answers it, well or badly.</summary>
internal sealed class Exchange(ReceivedRequest request, Stream stream, CancellationToken stopped)
{
    public ReceivedRequest Request { get; } = request;

    public bool Closes { get; private set; }

    public Task WriteAsync(string raw) => stream.WriteAsync(Encoding.UTF8.GetBytes(raw)).AsTask();

    public Task WriteAsync(ReadOnlyMemory<byte> raw) => stream.WriteAsync(raw).AsTask();

    public void Close() => Closes = true;

    /// <summary>Says no more until the test is over.</summary>
    public Task HangAsync() => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopped);

    /// <summary>An answer as it should be. Headers as "Name: value".</summary>
    public Task RespondAsync(int status, string body = "", params string[] headers) =>
        RespondAsync(status, Encoding.UTF8.GetBytes(body), headers);

    public async Task RespondAsync(int status, byte[] body, params string[] headers)
    {
        await WriteAsync(
            $"HTTP/1.1 {status} Status\r\n{string.Concat(headers.Select(header => header + "\r\n"))}Content-Length: {body.Length}\r\n\r\n");
        await WriteAsync(body);
    }

    public Task JsonAsync(int status, string body, params string[] headers) =>
        RespondAsync(status, body, ["Content-Type: application/json", .. headers]);

    public Task RedirectAsync(int status, string location) => RespondAsync(status, "", $"Location: {location}");
}
