using Enrichment.Ingestion;

namespace Enrichment;

/// <content>The client's own mappings of headers to fields.</content>
public sealed partial class EnrichmentClient
{
    /// <summary>
    /// Maps headers of this client's lists of a workstream to fields, before the workstream's own headers and those that every list may
    /// have. Replaces the client's mapping of the workstream; uploads that are there stay as they are.
    /// </summary>
    /// <param name="workstream">The workstream's name.</param>
    /// <param name="columns">For each header its field; null: such a column feeds nothing.</param>
    /// <param name="by">The actor. Null: the user and the machine that this process runs as and on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The number of the mapping.</returns>
    /// <exception cref="EnrichmentException">The workstream is not known, there is no column, or a field has no field's name.</exception>
    public async Task<int> SetMappingAsync(
        string workstream,
        IReadOnlyDictionary<string, string?> columns,
        string? by = null,
        CancellationToken cancellationToken = default)
    {
        RequireOwn();
        RequireText(by, "The actor");
        if (columns.Count == 0)
        {
            throw new EnrichmentException("A mapping needs at least one column. ForgetMappingAsync removes one.");
        }

        var known = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (header, field) in columns)
        {
            GivenColumns.RequireField(header, field);
            known[HeaderName.Normalize(header)] = field;
        }

        return await store.AddMappingAsync(
            Slug,
            new() { Number = 0, At = default, Workstream = definitions.Workstream(workstream).Name, Columns = known, By = by ?? Actor },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>This client's mappings in force, by workstream or by the headers of a file that was mapped with its upload.</summary>
    /// <param name="history">True for all that there ever were, also those that were replaced and the acts of forgetting.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<ColumnMapping>> ListMappingsAsync(bool history = false, CancellationToken cancellationToken = default)
    {
        var all = await store.ReadMappingsAsync(Slug, cancellationToken).ConfigureAwait(false);
        return history ? all : [.. all.Where(mapping => mapping.Columns is not null && mapping == all.Last(mapping.HasScopeOf))];
    }

    /// <summary>Forgets a mapping: later uploads are read without it.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="by">The actor. Null: the user and the machine that this process runs as and on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="NotFoundException">This client has no such mapping in force.</exception>
    public async Task ForgetMappingAsync(int number, string? by = null, CancellationToken cancellationToken = default)
    {
        RequireText(by, "The actor");
        var mappings = await ListMappingsAsync(history: false, cancellationToken).ConfigureAwait(false);
        var mapping = mappings.FirstOrDefault(known => known.Number == number)
            ?? throw new NotFoundException(
                FormattableString.Invariant($"Client '{Slug}' has no mapping {number} in force. ListMappingsAsync lists them."));
        await store
            .AddMappingAsync(Slug, mapping with { Columns = null, By = by ?? Actor }, cancellationToken)
            .ConfigureAwait(false);
    }

    // When all rows are staged: an upload that fails leaves no mapping. Its report, which is made after that, has the number.
    private async Task RememberAsync(GivenColumns given, UploadOptions options, CancellationToken cancellationToken)
    {
        if (given.ToRemember is { } columns)
        {
            given.Numbers.Add(await store.AddMappingAsync(
                Slug,
                new() { Number = 0, At = default, Headers = given.Headers, Columns = columns, By = options.By ?? Actor },
                cancellationToken).ConfigureAwait(false));
        }
    }

    private static string Actor => $"{Environment.UserName}@{Environment.MachineName}";
}
