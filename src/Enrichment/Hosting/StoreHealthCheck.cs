using Enrichment.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Enrichment.Hosting;

/// <summary>Whether the store answers and, if the schema is checked, has tables that this version can work with.</summary>
/// <param name="store">The store.</param>
/// <param name="needsSchema">Whether it must have its tables.</param>
internal sealed class StoreHealthCheck(IStoreAdministration store, bool needsSchema) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            if (!needsSchema)
            {
                await store.HasSchemaAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (await store.CheckSchemaAsync(cancellationToken).ConfigureAwait(false) == SchemaState.Missing)
            {
                return new(context.Registration.FailureStatus, StoreSchema.Unready(SchemaState.Missing).Message);
            }

            return HealthCheckResult.Healthy();
        }
        catch (EnrichmentException exception)
        {
            return new(context.Registration.FailureStatus, exception.Message);
        }
#pragma warning disable CA1031 // Whatever keeps the store from answering is what this check tells.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new(context.Registration.FailureStatus, "The store cannot be reached. The exception says why.", exception);
        }
    }
}
