namespace Enrichment.Chaos.Worker;

/// <summary>Trims what was uploaded, and writes addresses one way.</summary>
[EnrichmentStep(
    "leads.normalise",
    "1.0.0",
    Reads = ["company.name", "person.email"],
    Produces = ["company.label", "person.address"],
    Pure = true)]
public sealed class NormaliseStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.Completed(
    [
        new("company.label", context.Record.Text("company.name")?.Trim()),
        new("person.address", context.Record.Text("person.email")?.Trim().ToUpperInvariant()),
    ]));
}

/// <summary>Says by what each vendor knows its half of the lead.</summary>
[EnrichmentStep("leads.split", "1.0.0", Reads = ["company.label", "person.address"], Produces = ["company.key", "person.key"], Pure = true)]
public sealed class SplitStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.Completed(
    [
        new("company.key", context.Record.Text("company.label")),
        new("person.key", context.Record.Text("person.address")),
    ]));
}

/// <summary>A vendor of companies, who does the work of one idempotency key once: it may be asked again.</summary>
[EnrichmentStep(
    "leads.company", "1.0.0", Reads = ["company.key"], Produces = ["company.size"],
    SafeToRepeat = true, MaxTries = 20, TimeoutSeconds = 3, DeadlineSeconds = LeadsEngine.DeadlineSeconds)]
public sealed class CompanyStep(VendorClient vendor) : ICallbackReceiver
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(vendor.AskAsync("company", context.Record.Text("company.key")!, context, cancellationToken));

    public CallbackAuthentication Authentication(object? options) => new CallbackAuthentication.StandardWebhooks(LeadsEngine.SigningSecret);

    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) => VendorClient.Read("company.size", delivery);
}

/// <summary>The same vendor of companies, asked once for all who work at one.</summary>
[EnrichmentStep(
    "leads.employer", "1.0.0", Reads = ["company.key"], Produces = ["company.size"],
    SafeToRepeat = true, MaxTries = 20, TimeoutSeconds = 3, DeadlineSeconds = LeadsEngine.DeadlineSeconds)]
[Entity("company-name", "company.key")]
public sealed class EmployerStep(VendorClient vendor) : ICallbackReceiver
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(vendor.AskAsync("company", context.Record.Text("company.key")!, context, cancellationToken));

    public CallbackAuthentication Authentication(object? options) => new CallbackAuthentication.StandardWebhooks(LeadsEngine.SigningSecret);

    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) => VendorClient.Read("company.size", delivery);
}

/// <summary>A vendor of persons, who is paid for every call.</summary>
[EnrichmentStep(
    "leads.person", "1.0.0", Reads = ["person.key"], Produces = ["person.role"],
    MaxTries = 20, TimeoutSeconds = 3, DeadlineSeconds = LeadsEngine.DeadlineSeconds)]
public sealed class PersonStep(VendorClient vendor) : ICallbackReceiver
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(vendor.AskAsync("person", context.Record.Text("person.key")!, context, cancellationToken));

    public CallbackAuthentication Authentication(object? options) => new CallbackAuthentication.StandardWebhooks(LeadsEngine.SigningSecret);

    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) => VendorClient.Read("person.role", delivery);
}

/// <summary>Classifies a title.</summary>
[EnrichmentStep("leads.title", "1.0.0", Reads = ["person.role"], Produces = ["person.level"], Pure = true)]
public sealed class TitleStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(StepOutcome.Completed("person.level", context.Record.Text("person.role")?.Length % 2 == 0 ? "lead" : "staff"));
}
