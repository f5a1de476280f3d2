using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Tables;

/// <summary>A view by which users read a table of a version.</summary>
/// <param name="Name">The view's name.</param>
/// <param name="EngineColumns">The columns that the engine adds, in order.</param>
/// <param name="Columns">The columns behind them.</param>
/// <param name="From">The table in SQL, and which of its rows are shown.</param>
internal sealed record TableView(
    string Name,
    IReadOnlyList<string> EngineColumns,
    IReadOnlyList<StoredColumn> Columns,
    string From);
