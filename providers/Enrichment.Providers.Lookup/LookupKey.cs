namespace Enrichment.Providers.Lookup;

/// <summary>One column of a lookup's key.</summary>
public sealed class LookupKey
{
    /// <summary>The field of the record that the column is compared with.</summary>
    public required string Field { get; init; }

    /// <summary>In which form the two are compared. Default: <see cref="KeyForm.Text"/>.</summary>
    public KeyForm As { get; init; }
}
