namespace Enrichment;

/// <summary>One attempt of one step at one item, without the item's record: what a poll or a callback is about.</summary>
public class AttemptContext
{
    private readonly object? options;

    /// <summary>Makes a context; the engine and the test harness do this.</summary>
    /// <param name="options">An instance of the step's options type; null if it has none.</param>
    public AttemptContext(object? options = null) => this.options = options;

    /// <summary>The batch that the item belongs to.</summary>
    public Guid BatchId { get; init; }

    /// <summary>The item: the number of its row in the upload, from 1.</summary>
    public int Item { get; init; }

    /// <summary>The number of this attempt, from 1; never used again for this item and stage.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>
    /// The same for every attempt at this item and stage in one generation, and for nothing else: 32 hexadecimal digits to hand to the
    /// vendor.
    /// </summary>
    public string IdempotencyKey { get; init; } = "";

    /// <summary>
    /// What the attempt's <see cref="StepOutcome.Reference"/> said when it was sent; null if it said nothing, or if the host was lost
    /// before it could.
    /// </summary>
    public string? Reference { get; init; }

    /// <summary>
    /// How long the step may take for this call, then the engine abandons it. 60 seconds, unless the manifest or the pipeline says
    /// otherwise.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock to use instead of the ambient one.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The step's settings for this client and batch, validated, with secrets resolved.</summary>
    /// <exception cref="StepFaultException">
    /// The step did not declare this type in <see cref="EnrichmentStepAttribute.Options"/>.
    /// </exception>
    public T Options<T>()
        where T : class =>
        options as T
        ?? throw new StepFaultException(
            $"This step has no options of type {typeof(T)}. Declare them: [EnrichmentStep(…, Options = typeof({typeof(T).Name}))].");
}
