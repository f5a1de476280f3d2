using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Enrichment.Callbacks;

namespace Enrichment.Testing;

/// <summary>
/// Runs one step against one record, as the engine would, without engine, store or upload. For tests of steps.
/// </summary>
/// <remarks>
/// The step is held to its declaration: reading or producing a field that it does not declare is a <see cref="StepContractException"/>,
/// which fails in every pipeline. Everything that the engine turns into an outcome (a throw, a time-out, a result that may not be stored)
/// is an outcome here too. Not thread-safe; a harness may run its step many times.
/// </remarks>
public sealed class StepHarness
{
    private static readonly Guid Batch = Guid.Parse("01940000-0000-7000-8000-000000000000");

    private readonly IEnrichmentStep step;
    private readonly Type? optionsType;
    private readonly HarnessRecord record;
    private object? options;
    private string? reference;
    private int attempt = 1;
    private string idempotencyKey = "000102030405060708090a0b0c0d0e0f";

    private StepHarness(IEnrichmentStep step)
    {
        this.step = step;
        Manifest = StepManifest.Of(step.GetType());
        optionsType = step.GetType().GetCustomAttribute<EnrichmentStepAttribute>()!.Options;
        record = new(Manifest);
    }

    /// <summary>What the step declares.</summary>
    public StepManifest Manifest { get; }

    /// <summary>The clock of the step and of its time-out. It does not move until a test advances it.</summary>
    public FakeClock Clock { get; } = new();

    /// <summary>
    /// What names the attempt where a delivery has to name it, of the form that the engine's have. A step that receives nothing sees none.
    /// </summary>
    public string CallbackToken { get; } = Plans.CallbackToken.Create(new(new(0, 1, 1), 1, 1), Plans.KeyRing.Passing()).ToString();

    /// <summary>The address that the step hands to its vendor. Nothing listens there: deliver with <see cref="Receive"/>.</summary>
    public Uri CallbackUrl => new($"https://harness.example/callbacks/{CallbackToken}");

    /// <summary>
    /// The key of the entity that the record is about, as the engine would make it; null if it can make none, or the step has no entity.
    /// </summary>
    public string? Entity => Manifest.Entity is { } entity ? Entities.EntityKey.Of(entity, record) : null;

    /// <summary>A harness for a step that needs nothing.</summary>
    /// <exception cref="ArgumentException">The class is not, or wrongly, declared with <see cref="EnrichmentStepAttribute"/>.</exception>
    public static StepHarness For<TStep>()
        where TStep : class, IEnrichmentStep, new() => new(new TStep());

    /// <summary>A harness for an instance that the test has made.</summary>
    /// <exception cref="ArgumentException">The class is not, or wrongly, declared with <see cref="EnrichmentStepAttribute"/>.</exception>
    public static StepHarness For(IEnrichmentStep step) => new(step);

    /// <summary>Puts a field into the record. Null and blank text are as if the field were absent, as in an upload.</summary>
    /// <exception cref="ArgumentException">The step does not declare that it reads the field.</exception>
    public StepHarness With(string field, string? value) =>
        With(field, string.IsNullOrWhiteSpace(value) ? default : JsonSerializer.SerializeToElement(value));

    /// <summary>Puts a field into the record whose value is any JSON, as an earlier step may have answered it.</summary>
    /// <exception cref="ArgumentException">The step does not declare that it reads the field.</exception>
    public StepHarness With(string field, JsonElement value)
    {
        record.Put(field, value);
        return this;
    }

    /// <summary>Puts a cell of the uploaded file under its header.</summary>
    public StepHarness WithColumn(string header, string? cell)
    {
        record.PutColumn(header, cell);
        return this;
    }

    /// <summary>The step's settings. Without them a step that declares options gets them with their defaults.</summary>
    /// <exception cref="ArgumentException">The step declares other options or none, or these do not pass their own validation.</exception>
    public StepHarness WithOptions(object options)
    {
        if (optionsType is null || !optionsType.IsInstanceOfType(options))
        {
            throw new ArgumentException(
                $"{step.GetType()} declares {(optionsType is null ? "no options" : $"options of type {optionsType}")}, not {options.GetType()}. Declare them: [EnrichmentStep(…, Options = typeof({options.GetType().Name}))].",
                nameof(options));
        }

        var faults = new List<ValidationResult>();
        var context = new ValidationContext(options);
        context.InitializeServiceProvider(type => type == typeof(StepManifest) ? Manifest : null);
        if (!Validator.TryValidateObject(options, context, faults, validateAllProperties: true))
        {
            throw new ArgumentException(
                $"These options would be refused at launch: {string.Join(" ", faults.Select(f => f.ErrorMessage))}",
                nameof(options));
        }

        this.options = options;
        return this;
    }

    /// <summary>The number of the attempt. Default: 1.</summary>
    public StepHarness WithAttempt(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        attempt = number;
        return this;
    }

    /// <summary>The key that the step hands to its vendor. Default: a fixed one of 32 hexadecimal digits.</summary>
    public StepHarness WithIdempotencyKey(string key)
    {
        idempotencyKey = key;
        return this;
    }

    /// <summary>Makes one attempt. The step runs on the caller's thread until it first waits.</summary>
    /// <param name="cancellationToken">Represents the host's token, which fires when the host stops.</param>
    /// <exception cref="StepContractException">The step read or produced a field that it does not declare.</exception>
    /// <exception cref="OperationCanceledException">The given token fired.</exception>
    public async Task<StepAnswer> RunAsync(CancellationToken cancellationToken = default)
    {
        var context = new StepContext(record, options ?? DefaultOptions())
        {
            BatchId = Batch,
            Item = 1,
            Attempt = attempt,
            IdempotencyKey = idempotencyKey,
            Timeout = Manifest.Timeout,
            TimeProvider = Clock,
            CallbackToken = Manifest.ReceivesCallbacks ? CallbackToken : null,
            CallbackUrl = Manifest.ReceivesCallbacks ? CallbackUrl : null,
        };
        var answer = Judged(await CallAsync(token => step.ExecuteAsync(context, token), TimedOut, cancellationToken));
        reference = answer.Outcome.Reference;
        return answer;
    }

    /// <summary>
    /// Makes one poll for the attempt, with the reference of the last <see cref="RunAsync"/>. A poll that exceeds its time-out is unknown,
    /// and the engine makes it again.
    /// </summary>
    /// <param name="cancellationToken">Represents the host's token.</param>
    /// <exception cref="InvalidOperationException">The step has no polling half.</exception>
    /// <exception cref="StepContractException">The step produced a field that it does not declare.</exception>
    /// <exception cref="OperationCanceledException">The given token fired.</exception>
    public async Task<StepAnswer> PollAsync(CancellationToken cancellationToken = default)
    {
        var polling = Half<IPollingStep>("polling");
        return Judged(
            await CallAsync(
                token => polling.PollAsync(Sent(), token),
                () => StepOutcome.Unknown($"The poll did not answer within {DurationWords.Of(Manifest.Timeout)}."),
                cancellationToken));
    }

    /// <summary>
    /// Delivers an answer to the attempt's own address: checked by the step's authentication as a host checks it, then read by the step
    /// without its credentials.
    /// </summary>
    /// <remarks>What the step throws comes through. In the engine the delivery would stay in the inbox as faulty.</remarks>
    /// <param name="body">The body, sent in UTF-8.</param>
    /// <param name="headers">Its headers; null: none. Dates in them go by <see cref="Clock"/>.</param>
    /// <exception cref="DeliveryRefusedException">It is not genuine.</exception>
    /// <exception cref="InvalidOperationException">The step has no receiving half, or returned null.</exception>
    /// <exception cref="StepContractException">The step produced a field that it does not declare.</exception>
    public StepAnswer Receive(string body, IEnumerable<KeyValuePair<string, string>>? headers = null)
    {
        var receiver = Half<ICallbackReceiver>("receiving");
        var delivery = new CallbackDelivery(
            new Dictionary<string, string>(headers ?? [], StringComparer.OrdinalIgnoreCase),
            Encoding.UTF8.GetBytes(body),
            Clock.GetUtcNow());
        if (DeliveryCheck.Problem(receiver.Authentication(options ?? DefaultOptions()), delivery, out _) is { } problem)
        {
            throw new DeliveryRefusedException($"A host would refuse this delivery: {problem}.");
        }

        var kept = delivery
            .Headers.Where(header => !CallbackReceiver.Secret.Contains(header.Key))
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
        return Judged(
            receiver.Receive(Sent(), delivery with { Headers = kept })
                ?? throw new InvalidOperationException($"{step.GetType()} returned null instead of an outcome."));
    }

    private AttemptContext Sent() => new(options ?? DefaultOptions())
    {
        BatchId = Batch,
        Item = 1,
        Attempt = attempt,
        IdempotencyKey = idempotencyKey,
        Reference = reference,
        Timeout = Manifest.Timeout,
        TimeProvider = Clock,
    };

    private T Half<T>(string name)
        where T : class, IEnrichmentStep =>
        step as T ?? throw new InvalidOperationException($"{step.GetType()} has no {name} half: it does not implement {typeof(T).Name}.");

    private StepAnswer Judged(StepOutcome outcome)
    {
        var answer = new StepAnswer(Manifest, outcome);
        var faults = record
            .Undeclared.Select(field => $"it reads '{field}'")
            .Concat(answer.Undeclared().Select(field => $"it produces '{field}'"))
            .ToList();
        record.Undeclared.Clear();
        return faults.Count == 0
            ? answer
            : throw new StepContractException(
                $"{step.GetType()} does more than it declares: {string.Join(", ", faults)}. Add the fields to Reads or Produces of its [EnrichmentStep].");
    }

    private async Task<StepOutcome> CallAsync(
        Func<CancellationToken, ValueTask<StepOutcome>> call,
        Func<StepOutcome> timedOut,
        CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Manifest.Timeout, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var outcome = await call(either.Token).AsTask().WaitAsync(either.Token);
            return late.IsCancellationRequested
                ? timedOut()
                : outcome ?? StepOutcome.Failed("The step returned null instead of an outcome.", ErrorClass.InvalidOutput);
        }
        catch (Exception) when (late.IsCancellationRequested)
        {
            return timedOut();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // As in the engine: whatever a step throws is its item's outcome.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return StepOutcome.Failed($"The step threw {exception.GetType()}: {exception.Message}");
        }
    }

    private StepOutcome TimedOut()
    {
        var reason = $"The step did not answer within {DurationWords.Of(Manifest.Timeout)}.";
        return Manifest.Effects == Effects.Pure ? StepOutcome.Retry(reason) : StepOutcome.Unknown(reason);
    }

    private object? DefaultOptions()
    {
        try
        {
            return optionsType is null ? null : JsonSerializer.Deserialize("{}", optionsType);
        }
        catch (JsonException exception)
        {
            throw new InvalidOperationException(
                $"{optionsType} has settings without a default: {exception.Message} Give them with WithOptions(new {optionsType!.Name} {{ … }}).",
                exception);
        }
    }
}
