using System.Text;

namespace Enrichment.EndToEnd.Tests;

/// <summary>Behaves as badly as its row's <c>Company Name</c> says.</summary>
[EnrichmentStep(
    "test.hostile",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    Pure = true,
    MaxTries = 1,
    TimeoutSeconds = 2)]
public sealed class HostileStep : IEnrichmentStep
{
    /// <summary>Set at the end of a test, so that no thread stays blocked.</summary>
    public static readonly ManualResetEventSlim Free = new();

    // Made before the first call, whose time is short.
    private static readonly byte[] Huge = Encoding.ASCII.GetBytes($"{{\"a\":\"{new string('x', 50_000_000)}\"}}");
    private static readonly byte[] Deep = Encoding.ASCII.GetBytes($"{{\"a\":{new string('[', 100_000)}{new string(']', 100_000)}}}");
    private static readonly string LongReason = new('é', 5_000_000);

    private static readonly string[] Rubbish =
    [
        "not json",
        "",
        "[1,2]",
        "\"text\"",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1e999}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":1}{\"b\":2}",
    ];

    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var behaviour = context.Record.Text("company.name")!;
        switch (behaviour)
        {
            case "throws": throw new InvalidOperationException("the vendor's library broke");
            case "throws later":
                await Task.Yield();
                throw new FormatException("later", new System.Net.Sockets.SocketException());
            case "says cancelled":
                throw new OperationCanceledException();
            case "throws the unspeakable":
                throw new UnspeakableException();
            case "explains itself":
                throw new StepFaultException("its own words");
            case "answers null":
                return null!;
            case "answers NaN":
                return StepOutcome.Completed([new("company.answer", double.NaN)]);
            case "NUL":
                return StepOutcome.Completed("company.answer", "a\0b");
            case "lone surrogate":
                return StepOutcome.Completed("company.answer", "a\ud800b");
            case "50 MB":
                return StepOutcome.CompletedJson(Huge);
            case "depth":
                return StepOutcome.CompletedJson(Deep);
            case "hangs":
                return await new TaskCompletionSource<StepOutcome>().Task;
            case "answers too late":
                await Task.Delay(Timeout.InfiniteTimeSpan, context.TimeProvider, cancellationToken)
                    .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                return StepOutcome.Completed("company.answer", "too late");
            case "long reason": return StepOutcome.Failed(LongReason);
            case "hostile reason": return StepOutcome.Failed("a\0b\ud800c\u001b[31m'; drop table batches; --");
            case "no reason": return StepOutcome.Failed(null!);
            case "good": return StepOutcome.Completed("company.answer", "fine");
        }

        if (behaviour.StartsWith("blocks", StringComparison.Ordinal))
        {
            Free.Wait(CancellationToken.None);
            return StepOutcome.Completed("company.answer", "too late");
        }

        return StepOutcome.CompletedJson(Encoding.UTF8.GetBytes(Rubbish[behaviour[^1] - '0']));
    }

    private sealed class UnspeakableException : Exception
    {
        public override string Message => throw new NotSupportedException();

        public override string ToString() => throw new NotSupportedException();
    }
}
