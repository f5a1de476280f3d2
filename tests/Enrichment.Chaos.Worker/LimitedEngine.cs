using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.Chaos.Worker;

/// <summary>The engine of hosts that share a vendor's limit, on PostgreSQL.</summary>
public static class LimitedEngine
{
    /// <summary>One stage.</summary>
    public const string Pipeline = "limited";

    /// <param name="connection">The database.</param>
    /// <param name="vendor">Where the vendor is called; null on a host that makes no calls.</param>
    /// <param name="log">Where it logs.</param>
    public static EnrichmentEngine Create(string connection, Uri? vendor = null, Action<ILoggingBuilder>? log = null) =>
        EnrichmentEngine.Create(
            e =>
            {
                e.Services.AddSingleton(_ => new LimitedVendor(
                    vendor ?? throw new InvalidOperationException("This host was given no vendor to call.")));
                e.UsePostgreSql(connection)
                    .AddStep<LimitedStep>()
                    .AddPipeline(Pipeline, p => p.Step("chaos.limited"))
                    .ConfigureWorker(
                        new()
                        {
                            Lease = ChaosEngine.Lease,
                            CommitDelay = TimeSpan.FromMilliseconds(5),
                            PollInterval = TimeSpan.FromMilliseconds(100),
                            SweepInterval = TimeSpan.FromMilliseconds(250),
                        });
            },
            log);
}
