namespace Enrichment.Storage;

/// <summary>Keys that sign the names given out to vendors.</summary>
internal interface ITokenKeyStore
{
    /// <summary>The keys with which hosts sign the names that they give out, ascending. The migration makes the first.</summary>
    Task<IReadOnlyList<TokenKey>> ReadTokenKeysAsync(CancellationToken cancellationToken);
}
