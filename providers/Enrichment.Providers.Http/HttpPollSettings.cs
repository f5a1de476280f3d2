namespace Enrichment.Providers.Http;

/// <summary>How the answer to a declared polling step is fetched.</summary>
public sealed class HttpPollSettings
{
    /// <summary>
    /// The address, with the placeholder <c>{{reference}}</c>. Read with GET, with the credential of the request and those of its headers
    /// that hold no placeholder.
    /// </summary>
    [Fixed]
    [Secret(SecretPlace.Address)]
    public required string Url { get; init; }

    /// <summary>Where the first answer names the call, as a JSON pointer to a text or a number. Default: <c>/id</c>.</summary>
    public string Reference { get; init; } = "/id";

    /// <summary>The time between two polls, in seconds; null leaves it to the step's declaration.</summary>
    public double? IntervalSeconds { get; init; }

    /// <summary>
    /// How answers, the first included, say whether they are the final one. Default: the status is at <c>/status</c>. Without a status
    /// every answer to a poll is final, but for one with 202.
    /// </summary>
    public HttpProgressSettings Progress { get; init; } = new() { Status = "/status" };

    /// <summary>
    /// Statuses of a poll with which the vendor says that it knows nothing of the item, in JSON or without a body. Default: none; after any
    /// other status but one of success, the poll is repeated until the deadline.
    /// </summary>
    public IReadOnlyList<int> NotFound { get; init; } = [];

    /// <summary>
    /// Statuses of a poll with which the vendor says that the work has ended without an answer, such as 410, in JSON or without a body.
    /// Default: none.
    /// </summary>
    public IReadOnlyList<int> Failed { get; init; } = [];
}
