namespace Enrichment.Storage;

/// <summary>
/// An item with everything that is known of it: its row, the results that its states refer to, ascending by stage, and the state of its
/// latest stage.
/// </summary>
internal sealed record ItemSnapshot(
    int Item,
    ReadOnlyMemory<byte> Raw,
    IReadOnlyList<(short Stage, ReadOnlyMemory<byte> Result)> Results,
    short Stage,
    Status Status,
    string? Error);
