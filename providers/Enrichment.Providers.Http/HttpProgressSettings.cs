namespace Enrichment.Providers.Http;

/// <summary>How an answer that comes later says whether it is there.</summary>
public sealed class HttpProgressSettings
{
    /// <summary>The place of the status, as a JSON pointer. Null: every answer is the final one.</summary>
    public string? Status { get; init; }

    /// <summary>
    /// Its values, case not regarded, when the answer is there. Default: <c>completed</c>, <c>done</c>, <c>finished</c>, <c>succeeded</c>,
    /// <c>success</c>.
    /// </summary>
    public IReadOnlyList<string> Done { get; init; } = ["completed", "done", "finished", "succeeded", "success"];

    /// <summary>
    /// Its values when there will be none. Default: <c>failed</c>, <c>error</c>, <c>cancelled</c>, <c>canceled</c>, <c>expired</c>. Any
    /// other value: not yet.
    /// </summary>
    public IReadOnlyList<string> Failed { get; init; } = ["failed", "error", "cancelled", "canceled", "expired"];
}
