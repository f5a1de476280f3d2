using System.Diagnostics;
using Enrichment.TestKit;

namespace Enrichment.Interop.Tests;

/// <summary>A process of Python that serves the endpoints of <c>modal_app.py</c>.</summary>
internal sealed class ModalApp : IDisposable
{
    public const string Key = "wk-1";
    public const string Secret = "ws-1";

    private readonly Process python;

    private ModalApp(Process python, string url)
    {
        this.python = python;
        Url = url;
    }

    public string Url { get; }

    public static async Task<ModalApp> StartAsync()
    {
        var file = Path.Combine(TestPaths.RepositoryRoot, "providers", "Enrichment.Providers.Modal", "modal_app.py");
        var start = new ProcessStartInfo(
            "python3",
            [Path.Combine(TestPaths.RepositoryRoot, "tests", "Enrichment.Interop.Tests", "modal", "serve.py"), file, Key, Secret])
        {
            RedirectStandardOutput = true,
            Environment = { ["ENRICHMENT_CALLBACK_SECRET"] = SignedStep.Secret, ["PYTHONDONTWRITEBYTECODE"] = "1" },
        };
        var python = Process.Start(start)!;
        return await python.StandardOutput.ReadLineAsync() is { } port
            ? new(python, $"http://127.0.0.1:{port}")
            : throw new InvalidOperationException("Python ended without serving. What it said stands on standard error.");
    }

    public void Dispose()
    {
        python.Kill(entireProcessTree: true);
        python.Dispose();
    }
}
