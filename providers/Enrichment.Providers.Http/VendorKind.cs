namespace Enrichment.Providers.Http;

/// <summary>
/// A kind of step that documents may describe: one class, and the settings that it takes. Those of this package are always known; those of
/// other packages are passed to <see cref="HttpVendors.Load"/>.
/// </summary>
/// <param name="Name">Its name in documents, such as <c>call</c>.</param>
/// <param name="Options">The type of its settings.</param>
/// <param name="Make">Makes the step from the host's services.</param>
/// <param name="Problems">
/// What is wrong with an instance of <paramref name="Options"/> for the declared step, apart from secrets, which are there by name.
/// Each begins with the name of the setting, such as <c>request.url</c>.
/// </param>
public sealed record VendorKind(
    string Name,
    Type Options,
    Func<IServiceProvider, IEnrichmentStep> Make,
    Func<object, StepManifest, IEnumerable<string>> Problems)
{
    /// <summary>What every step of the kind does outside the process. Null: the document says whether it is <c>safeToRepeat</c>.</summary>
    public Effects? Effects { get; init; }

    /// <summary>
    /// How many items one call takes at most, unless the document says otherwise. Null: one, for a step that is no <see cref="IBulkStep"/>.
    /// </summary>
    public int? BulkSize { get; init; }

    /// <summary>Makes the step of the pointer to a delivery's token, where documents of the kind may have one.</summary>
    internal Func<IServiceProvider, string?, IEnrichmentStep>? MakeAt { get; init; }

    /// <summary>The properties of a document that only this kind has.</summary>
    internal string[] Own { get; init; } = [];

    /// <summary>All properties that a document of the kind may have.</summary>
    internal IEnumerable<string> Properties =>
    [
        "step", "version", "kind", "reads", "produces",
        .. Effects is null ? ["safeToRepeat"] : Array.Empty<string>(),
        "maxTries", "timeoutSeconds",
        .. Effects is Enrichment.Effects.Pure ? [] : new[] { "entity", "limits" },
        "options",
        .. Own,
        .. BulkSize is null ? [] : new[] { "bulkSize" },
    ];
}
