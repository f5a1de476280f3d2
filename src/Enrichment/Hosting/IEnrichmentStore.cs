using Enrichment.Consolidation;
using Enrichment.Drift;
using Enrichment.Storage;

namespace Enrichment.Hosting;

/// <summary>A store: all ports together. A store implements it; the engine gives each class the ports that it uses.</summary>
/// <remarks>
/// Operations are set-based, and the only place where state changes. One operation is one transaction unless it says otherwise. Time is the
/// store's own clock. Every operation may be repeated after a lost connection: the store recognises by token, attempt or key what it has
/// already done. The conformance suite in tests/Enrichment.Conformance says exactly what is promised.
/// </remarks>
internal interface IEnrichmentStore :
    IUploadStore,
    IMappingStore,
    IBatchStore,
    IDueWorkStore,
    ILeaseStore,
    IOutcomeStore,
    ISequencerStore,
    ITimerStore,
    IInboxStore,
    IExternalTaskStore,
    IEntityRequestStore,
    IRateLimitStore,
    IAccountStore,
    IProjectionStore,
    IProjectionTransactions,
    IExportStore,
    IObserverStore,
    IDriftStore,
    IRetentionStore,
    ISingletonLeaseStore,
    IBatchReader,
    IManifestStore,
    ITokenKeyStore,
    IStoreAdministration;
