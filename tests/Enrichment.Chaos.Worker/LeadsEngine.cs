using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Chaos.Worker;

/// <summary>
/// The engine that receiving hosts run and the driver launches on: leads on their way through two vendors that answer later. On PostgreSQL,
/// which admits several hosts.
/// </summary>
public static class LeadsEngine
{
    /// <summary>Normalised, split into company and person, each asked for at its vendor, the title classified.</summary>
    public const string Pipeline = "leads";

    /// <summary>The same without persons: each company is asked for once, whoever works there.</summary>
    public const string Employers = "employers";

    /// <summary>The stage of the company vendor, which is safe to ask again.</summary>
    public const int CompanyStage = 3;

    /// <summary>The stage of the person vendor, whose unknown outcomes are put up for review.</summary>
    public const int PersonStage = 4;

    /// <summary>Both, as a list in SQL.</summary>
    public const string VendorStages = "3, 4";

    /// <summary>Stages in all.</summary>
    public const int Stages = 5;

    /// <summary>How long a vendor has, in seconds: far more than it takes, and little beside the run.</summary>
    public const double DeadlineSeconds = 4;

    /// <summary>What both vendors sign with.</summary>
    public const string SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>Describes it.</summary>
    /// <param name="builder">The engine's.</param>
    /// <param name="connection">The database.</param>
    /// <param name="vendor">Where both vendors are called; null on a host that makes no calls.</param>
    /// <param name="callbacks">Where this host receives; null on one that does not.</param>
    public static void Describe(EnrichmentBuilder builder, string connection, Uri? vendor = null, Uri? callbacks = null)
    {
        builder.Services.AddSingleton(_ => new VendorClient(
            vendor ?? throw new InvalidOperationException("This host was given no vendor to call.")));
        builder
            .UsePostgreSql(connection)
            .AddStep<NormaliseStep>()
            .AddStep<SplitStep>()
            .AddStep<CompanyStep>()
            .AddStep<EmployerStep>()
            .AddStep<PersonStep>()
            .AddStep<TitleStep>()
            .AddPipeline(
                Pipeline,
                p =>
                    p.Step("leads.normalise")
                        .Step("leads.split")
                        .Step("leads.company", s => s.Retry(baseDelay: TimeSpan.FromMilliseconds(200)))
                        .Step("leads.person", s => s.Retry(baseDelay: TimeSpan.FromMilliseconds(200)))
                        .Step("leads.title"))
            .AddPipeline(
                Employers,
                p =>
                    p.Step("leads.normalise")
                        .Step("leads.split")
                        .Step("leads.employer", s => s.Retry(baseDelay: TimeSpan.FromMilliseconds(200))))
            .ConfigureCallbacks(new() { Address = callbacks })
            .ConfigureWorker(new WorkerOptions
            {
                Lease = ChaosEngine.Lease,
                ClaimSize = 100,
                MaxConcurrentCalls = 32,
                CommitDelay = TimeSpan.FromMilliseconds(5),
                PollInterval = TimeSpan.FromMilliseconds(100),
                SweepInterval = TimeSpan.FromMilliseconds(250),
            });
    }
}
