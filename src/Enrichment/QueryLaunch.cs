namespace Enrichment;

/// <summary>What was launched from the rows of a typed table.</summary>
public sealed record QueryLaunch
{
    /// <summary>A batch for each upload that the rows are from, made in one transaction.</summary>
    public required IReadOnlyList<Batch> Batches { get; init; }

    /// <summary>How many items they have.</summary>
    public int Items => Batches.Sum(batch => batch.Items);

    /// <summary>How many rows of the table were left out because a younger batch has the item.</summary>
    public required int Superseded { get; init; }

    /// <summary>
    /// How many rows of the table were left out because the rows of their upload were pruned: the file has to be uploaded again.
    /// </summary>
    public required int Pruned { get; init; }

    /// <summary>True if the key was used for the same launch before: these are its batches, and nothing was added.</summary>
    public bool AlreadyThere { get; init; }
}

/// <summary>What a launch from the rows of a typed table would do. Nothing is launched and nobody is called.</summary>
public sealed record QueryLaunchPreview
{
    /// <summary>
    /// The batch of each upload, by the upload's id. An entity that several of them are about is in the numbers of each, and is called
    /// once.
    /// </summary>
    public required IReadOnlyDictionary<Guid, LaunchPreview> Uploads { get; init; }

    /// <summary>How many items the batches would have.</summary>
    public int Items => Uploads.Values.Sum(upload => upload.Rows);

    /// <summary>As <see cref="QueryLaunch.Superseded"/>.</summary>
    public required int Superseded { get; init; }

    /// <summary>As <see cref="QueryLaunch.Pruned"/>.</summary>
    public required int Pruned { get; init; }
}
