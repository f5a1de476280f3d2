using Enrichment.Hosting;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests;

/// <summary>The chosen store, with a test told of calls before they are made. What it throws is the store's failure.</summary>
internal sealed class WatchedStore(IEnrichmentStore real) : StoreDouble(real)
{
    public Action<string>? Called { get; init; }

    public Action<IReadOnlyList<Delivery>>? Receives { get; init; }

    public Action<IReadOnlyList<(string Reason, int Times)>>? Refused { get; init; }

    public Action<TimeSpan>? Holds { get; init; }

    /// <summary>Puts a store before the one that was chosen.</summary>
    public static void PutBefore(EnrichmentBuilder builder, Func<IEnrichmentStore, WatchedStore> watched)
    {
        var chosen = builder.Services.Last(service => service.ServiceType == typeof(IEnrichmentStore)).ImplementationFactory!;
        builder.UseStore(services => watched((IEnrichmentStore)chosen(services)));
    }

    public override Task<IReadOnlyList<bool>> ReceiveAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        Receives?.Invoke(deliveries);
        return base.ReceiveAsync(deliveries, cancellationToken);
    }

    public override Task NoteRefusedAsync(IReadOnlyList<(string Reason, int Times)> refused, CancellationToken cancellationToken)
    {
        Refused?.Invoke(refused);
        return base.NoteRefusedAsync(refused, cancellationToken);
    }

    public override Task<IReadOnlyList<TakenDelivery>> TakeDeliveriesAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except, int limit, long byteLimit, TimeSpan hold, CancellationToken cancellationToken)
    {
        Holds?.Invoke(hold);
        return base.TakeDeliveriesAsync(except, limit, byteLimit, hold, cancellationToken);
    }

    protected override void On(string operation) => Called?.Invoke(operation);
}
