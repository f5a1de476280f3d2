using System.Collections.Concurrent;
using System.Text.Json;

namespace Enrichment.AspNetCore.Tests;

/// <summary>
/// A step that is answered by deliveries, signed by Standard Webhooks. What happens at the call is its test's to say, by the options'
/// script.
/// </summary>
[EnrichmentStep(
    "vendor.signed",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    DeadlineSeconds = 600,
    Options = typeof(VendorOptions))]
public class VendorStep : ICallbackReceiver
{
    private static readonly ConcurrentDictionary<string, Func<StepContext, Task<StepOutcome>>> Scripts = new();

    public static object Script(Func<StepContext, Task<StepOutcome>> call) => new { script = Register(call) };

    /// <summary>The name by which options call a script.</summary>
    public static string Register(Func<StepContext, Task<StepOutcome>> call)
    {
        var name = Guid.NewGuid().ToString("n");
        Scripts[name] = call;
        return name;
    }

    public static object Script(Action<StepContext> call) => Script(context =>
    {
        call(context);
        return Task.FromResult(StepOutcome.AwaitingCallback());
    });

    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        await Scripts[context.Options<VendorOptions>().Script](context);

    public virtual CallbackAuthentication Authentication(object? options) => new CallbackAuthentication.StandardWebhooks(Signed.Secret);

    public string? TokenOf(CallbackDelivery delivery) => JsonDocument.Parse(delivery.Body).RootElement.GetProperty("token").GetString();

    public virtual StepOutcome Receive(AttemptContext context, CallbackDelivery delivery)
    {
        var root = JsonDocument.Parse(delivery.Body).RootElement;
        return root.TryGetProperty("error", out var error)
            ? StepOutcome.Failed(error.GetString()!)
            : StepOutcome.Completed("company.answer", root.GetProperty("answer").GetString());
    }
}

/// <summary>The same for a vendor that signs nothing.</summary>
[EnrichmentStep(
    "vendor.unsigned",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    DeadlineSeconds = 600,
    Options = typeof(VendorOptions))]
public sealed class UnsignedStep : VendorStep
{
    public override CallbackAuthentication Authentication(object? options) => new CallbackAuthentication.TokenOnly();
}

/// <summary>The same with a deadline that passes while a test watches.</summary>
[EnrichmentStep(
    "vendor.silent",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    DeadlineSeconds = 0.2,
    Options = typeof(VendorOptions))]
public class SilentStep : VendorStep;

/// <summary>The same for a vendor who does the work of one idempotency key once.</summary>
[EnrichmentStep(
    "vendor.silent-safe",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    DeadlineSeconds = 0.2,
    SafeToRepeat = true,
    MaxTries = 3,
    Options = typeof(VendorOptions))]
public sealed class SilentSafeStep : VendorStep;

/// <summary>The same with a secret.</summary>
[EnrichmentStep(
    "vendor.keyed",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    DeadlineSeconds = 600,
    Options = typeof(KeyedOptions))]
public sealed class KeyedStep : VendorStep;

/// <summary>The same with a receiving half that never ends.</summary>
[EnrichmentStep(
    "vendor.stuck",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    DeadlineSeconds = 600,
    TimeoutSeconds = 2,
    Options = typeof(VendorOptions))]
public sealed class StuckStep : VendorStep
{
    public override StepOutcome Receive(AttemptContext context, CallbackDelivery delivery)
    {
        using var never = new ManualResetEventSlim();
        never.Wait();
        return StepOutcome.AwaitingCallback();
    }
}

public class VendorOptions
{
    public required string Script { get; init; }
}

public sealed class KeyedOptions : VendorOptions
{
    [Secret]
    public required string Key { get; init; }
}
