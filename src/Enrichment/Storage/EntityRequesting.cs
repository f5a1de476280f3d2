namespace Enrichment.Storage;

/// <summary>Names the request batch for a stage's entities: one a month for each client and way to call the step.</summary>
internal sealed record EntityRequestBatchKey
{
    /// <summary>The owner of the answers: the slug of the client that requests, or the reserved <c>shared</c>.</summary>
    public required string Client { get; init; }

    /// <summary>What tells one such batch from others of the client, without its month.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// A hash of what makes answers equal: those of the client's batches with the same serve each other, however their steps are called.
    /// </summary>
    public required ReadOnlyMemory<byte> Answers { get; init; }

    /// <summary>The batch's id if it has to be made, UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The id of the upload that holds its rows, if they have to be made.</summary>
    public required Guid UploadId { get; init; }

    /// <summary>The fields that the step reads: the columns of the rows.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>The pipeline's name, for people.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The snapshot as JSON: one stage.</summary>
    public required string Snapshot { get; init; }
}

/// <summary>An open request batch, as known: good for asking in as long as its version is this one.</summary>
/// <param name="Batch">Its inner key.</param>
/// <param name="Version">Moves when it is closed, and when there is another batch whose answers serve.</param>
/// <param name="Upload">The inner key of the upload that holds its rows.</param>
/// <param name="UploadId">The upload's public id.</param>
/// <param name="All">
/// Its key and those of others in which there may be answers that serve: of the months before, and of equal calls that are made otherwise.
/// </param>
internal sealed record EntityRequestBatch(int Batch, int Version, int Upload, Guid UploadId, IReadOnlyList<int> All)
{
    private readonly int first = Bucket.Of(UploadId, 1);

    /// <summary>
    /// The number before the first that <see cref="Bucket.Of"/> gives to a bucket: so that a request's number names its bucket, as any
    /// item's does.
    /// </summary>
    public int OffsetOf(short bucket) => (bucket - first + Bucket.Count) % Bucket.Count * Bucket.RowsPerRun;
}

/// <summary>One request for an entity: an item of a request batch.</summary>
/// <param name="Bucket">The bucket of the entity's key.</param>
/// <param name="Batch">The request batch.</param>
/// <param name="Item">The item.</param>
internal readonly record struct EntityRequest(short Bucket, int Batch, int Item)
{
    /// <summary>As it is stored beside copies of its answer.</summary>
    public long Source => ((long)Batch << 32) | (uint)Item;

    /// <summary>The range of its state.</summary>
    public RangeKey Range => new(Bucket, Batch, 1);
}

/// <summary>An entity that needs an answer.</summary>
/// <param name="Bucket">The bucket of its key.</param>
/// <param name="Key">Its canonical key, at most 200 characters.</param>
/// <param name="Raw">The input of the call: a JSON array of the fields that the step reads, in their order.</param>
/// <param name="Permitted">
/// Whether the call may be made although it is unknown whether the last one had its effect: an operator has retried a waiter.
/// </param>
internal readonly record struct WantedEntity(short Bucket, string Key, ReadOnlyMemory<byte> Raw, bool Permitted = false);

/// <summary>Entities to be requested.</summary>
internal sealed record EntityRequestSet
{
    /// <summary>The request batch.</summary>
    public required EntityRequestBatch Batch { get; init; }

    /// <summary>The bucket of the items that want to know.</summary>
    public required short WaiterBucket { get; init; }

    /// <summary>The entities; none twice.</summary>
    public required IReadOnlyList<WantedEntity> Entities { get; init; }

    /// <summary>How old a stored answer may be.</summary>
    public required TimeSpan Fresh { get; init; }

    /// <summary>How old a stored answer may be that said that nothing was found.</summary>
    public required TimeSpan FreshNotFound { get; init; }

    /// <summary>Answers of before this moment do not serve, however fresh. Null: they do.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>
    /// Whether a call may not be repeated while it is unknown whether it had its effect: such an end is also the end of later waiters,
    /// unless the call is permitted.
    /// </summary>
    public bool Review { get; init; }
}

/// <summary>
/// The result of a request for an entity: an answer that serves, or a request to wait for. One to wait for may have ended: see
/// <see cref="EntityRequestSet.Review"/>.
/// </summary>
/// <param name="EntityRequest">The request.</param>
/// <param name="Kind">Completed or NotFound if its answer serves; null if it is to be waited with.</param>
/// <param name="Answer">The answer, canonical JSON.</param>
/// <param name="Made">Whether it was made now.</param>
internal readonly record struct RequestedEntity(EntityRequest EntityRequest, StepOutcomeKind? Kind, ReadOnlyMemory<byte> Answer, bool Made);

/// <summary>A claimed item that is to wait for a request.</summary>
/// <param name="Item">The item.</param>
/// <param name="Attempt">The state's attempt number as claimed.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="EntityRequest">What it waits for.</param>
internal readonly record struct EntityWaiter(int Item, int Attempt, short Generation, EntityRequest EntityRequest);

/// <summary>Entities of which is asked whether an answer is there.</summary>
internal sealed record AnsweredEntities
{
    /// <summary>The owner of the answers.</summary>
    public required string Client { get; init; }

    /// <summary>As <see cref="EntityRequestBatchKey.Answers"/>.</summary>
    public required ReadOnlyMemory<byte> Answers { get; init; }

    /// <summary>The entities' buckets and keys; none twice.</summary>
    public required IReadOnlyList<(short Bucket, string Key)> Entities { get; init; }

    /// <summary>How old a stored answer may be.</summary>
    public required TimeSpan Fresh { get; init; }

    /// <summary>How old a stored answer may be that said that nothing was found.</summary>
    public required TimeSpan FreshNotFound { get; init; }

    /// <summary>Whether no answer that is stored already serves.</summary>
    public bool Refresh { get; init; }

    /// <summary>As <see cref="EntityRequestSet.Review"/>.</summary>
    public bool Review { get; init; }
}
