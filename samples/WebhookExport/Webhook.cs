using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WebhookExport;

/// <summary>A webhook of this process that takes what it is told to take.</summary>
public sealed class Webhook : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly Func<int, Task<HttpStatusCode>> answer;
    private int received;

    /// <param name="answer">The status for each request by its number, from 1; null: 200 for all.</param>
    public Webhook(Func<int, Task<HttpStatusCode>>? answer = null)
    {
        this.answer = answer ?? (_ => Task.FromResult(HttpStatusCode.OK));
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }

        listener.Prefixes.Add(Url);
        listener.Start();
        _ = ServeAsync();
    }

    /// <summary>Its address.</summary>
    public string Url { get; }

    /// <summary>How many requests came.</summary>
    public int Received => Volatile.Read(ref received);

    /// <inheritdoc/>
    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                var number = Interlocked.Increment(ref received);
                context.Response.StatusCode = (int)await answer(number);
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($$"""{"receipt":"{{number}}"}"""));
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // The listener was closed, or its caller has gone.
            }
        }
    }
}
