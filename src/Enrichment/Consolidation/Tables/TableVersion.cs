using System.Buffers.Binary;
using System.Security.Cryptography;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tables;

/// <summary>A version of a projection, as it is registered.</summary>
/// <param name="Number">The projection's number, which is in the names of its tables.</param>
/// <param name="Version">The version, from 1.</param>
/// <param name="Known">The definition of which its table is made, if it has been read already.</param>
/// <param name="Definition">The definition's text.</param>
/// <param name="Status">What has become of it.</param>
/// <param name="Swaps">Of one that is built: whether it becomes live by itself.</param>
/// <param name="Evaluator">The version of the evaluator that fills it.</param>
internal sealed record TableVersion(
    int Number,
    int Version,
    Projection? Known,
    string Definition,
    VersionStatus Status,
    bool Swaps,
    int Evaluator)
{
    // Read only for versions with a table: an older text need not be one that this library reads.
    private Projection? read;

    /// <summary>The definition of which its table is made.</summary>
    public Projection Projection => Known ?? (read ??= Read());

    /// <summary>What it was made of: the definition and the evaluator.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>The host's definition, whose functions a stored one may name.</summary>
    public Projection? Host { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When it got its status.</summary>
    public required DateTime ChangedAt { get; init; }

    /// <summary>The version whose lists are looked up: its own, unless it is made to compare.</summary>
    public int Lists { get; init; } = Version;

    /// <summary>The table that the view shows. No user can take such a name.</summary>
    public string Table => FormattableString.Invariant($"{Mark(Number)}{Version}");

    /// <summary>The table that has a row for each item: the same, unless the rows of items are folded by key.</summary>
    public string Items => IsKeyed ? Table + "_items" : Table;

    /// <summary>The table of the rows of a child table, by its place among those of the definition.</summary>
    public string ChildTable(int child) => FormattableString.Invariant($"{Table}_c{child}");

    /// <summary>Those of its tables whose loss an operator has accepted: nothing can be copied from them.</summary>
    public IReadOnlyCollection<string> Lost { get; init; } = [];

    /// <summary>The tables whose rows no other table of the version has.</summary>
    public IEnumerable<string> BaseTables => Projection.Children.Select((_, index) => ChildTable(index)).Append(Items);

    /// <summary>All of its tables.</summary>
    public IEnumerable<string> Tables =>
        Projection.Children.Select((_, index) => ChildTable(index)).Append(Table).Append(Items).Distinct();

    /// <summary>Whether rows of items are folded by key.</summary>
    public bool IsKeyed => Projection.Key.Count > 0;

    private Projection Read()
    {
        var projection = Consolidation.Projection.Parse(Definition, $"version {Version}");
        if (Host is not null)
        {
            ComputedFunction.Lend(Host, projection);
        }

        return projection;
    }

    /// <summary>With what the names of a projection's tables begin.</summary>
    public static string Mark(int number) => FormattableString.Invariant($"projection_{number}_v");

    /// <summary>The fingerprint of a definition, as this library evaluates it.</summary>
    public static byte[] FingerprintOf(Projection projection)
    {
        var hashed = new byte[projection.Definition.Length + sizeof(int)];
        projection.Definition.Span.CopyTo(hashed);
        BinaryPrimitives.WriteInt32BigEndian(hashed.AsSpan(projection.Definition.Length), RowEvaluator.Version);
        return SHA256.HashData(hashed);
    }
}
