using Enrichment.Consolidation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.Chaos.Worker;

/// <summary>The engine that the worker runs and the driver launches on: the same steps and pipelines on either store.</summary>
public static class ChaosEngine
{
    /// <summary>Short, so that a lost host is noticed within the run.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    /// <summary>A pure step, then one with effects outside that is safe to repeat.</summary>
    public const string Work = "work";

    /// <summary>One step, which kills its process for some items.</summary>
    public const string Deadly = "deadly";

    /// <summary>One paid step, which may not be repeated.</summary>
    public const string Paid = "paid";

    /// <summary>The pure step alone.</summary>
    public const string Quick = "quick";

    /// <summary>The typed table of a host that fills it.</summary>
    public static readonly Projection Companies = Projection.Define("companies", p => p
        .Text("name", s => s.Field("company.name"))
        .Text("label", s => s.Field("company.label")));

    /// <summary>The same with a column more: a change that becomes live by itself.</summary>
    public static readonly Projection Changed = Projection.Define("companies", p => p
        .Text("name", s => s.Field("company.name"))
        .Text("label", s => s.Field("company.label"))
        .Text("header", s => s.Column("Company Name")));

    /// <param name="store"><c>sqlite:PATH</c> or <c>postgres:CONNECTION</c>.</param>
    /// <param name="ledger">Where the vendor's side of each call is kept.</param>
    /// <param name="claimSize">Items a lease: the longest interval that a kill can leave behind.</param>
    /// <param name="log">Where it logs.</param>
    /// <param name="table">What it fills: <see cref="Companies"/> or <see cref="Changed"/>; null: nothing.</param>
    public static EnrichmentEngine Create(
        string store,
        Ledger ledger,
        int claimSize,
        Action<ILoggingBuilder>? log = null,
        Projection? table = null) => EnrichmentEngine.Create(
        e =>
        {
            e.Services.AddSingleton(ledger);
            Choose(e, store);
            e.AddStep<PureStep>().AddStep<SafeStep>().AddStep<KillerStep>().AddStep<PaidStep>()
                .AddPipeline(Work, p => p.Step("chaos.pure").Step("chaos.safe"))
                .AddPipeline(Deadly, p => p.Step("chaos.killer"))
                .AddPipeline(Paid, p => p.Step("chaos.paid"))
                .AddPipeline(Quick, p => p.Step("chaos.pure"))
                .ConfigureWorker(new()
                {
                    Lease = Lease,
                    ClaimSize = claimSize,
                    MaxConcurrentCalls = 32, // below the claim size, so that an interval is done and open at once for most of its life
                    CommitDelay = TimeSpan.FromMilliseconds(5),
                    PollInterval = TimeSpan.FromMilliseconds(100),
                    SweepInterval = TimeSpan.FromMilliseconds(250),
                });
            if (table is not null)
            {
                e.AddProjection(table);
            }
        },
        log);

    private static void Choose(EnrichmentBuilder builder, string store)
    {
        var (kind, place) = store.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            ? (store[..colon], store[(colon + 1)..])
            : (store, "");
        _ = kind switch
        {
            "sqlite" => builder.UseSqlite(place),
            "postgres" => builder.UsePostgreSql(place),
            _ => throw new ArgumentException($"Expected sqlite:PATH or postgres:CONNECTION, got a store of kind '{kind}'.", nameof(store)),
        };
    }
}
