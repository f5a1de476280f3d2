using Enrichment.Providers.Http;
using Microsoft.Extensions.Logging;

namespace Enrichment.Providers.Lookup;

/// <summary>The kinds of document that describe a lookup: <c>lookup.sql</c> and <c>lookup.csv</c>.</summary>
public static class Lookups
{
    // A claim's worth of items: one query serves them all.
    private const int AtOnce = 1000;

    /// <summary>To be handed to <see cref="HttpVendors.Load"/>.</summary>
    /// <remarks>Pure for the engine: asking again costs nothing and changes nothing, so that no attempt is written beforehand.</remarks>
    public static IReadOnlyList<VendorKind> Kinds { get; } =
    [
        new("lookup.sql", typeof(SqlLookupOptions), _ => new SqlLookupStep(), Problems) { Effects = Effects.Pure, BulkSize = AtOnce },
        new("lookup.csv", typeof(CsvLookupOptions), services => new CsvLookupStep(Logger(services)), Problems)
        {
            Effects = Effects.Pure,
            BulkSize = AtOnce,
        },
    ];

    private static ILogger? Logger(IServiceProvider services) =>
        ((ILoggerFactory?)services.GetService(typeof(ILoggerFactory)))?.CreateLogger("Enrichment.Providers.Lookup");

    private static IEnumerable<string> Problems(object options, StepManifest step) => ((LookupOptions)options).Problems(step);
}
