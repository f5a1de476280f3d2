using System.Data.Common;

namespace Enrichment.Consolidation.Querying;

/// <summary>Reads a cell as a store has it: equal values have equal bytes. Empty if it is null.</summary>
/// <param name="reader">The row at hand.</param>
/// <param name="ordinal">The cell's place.</param>
/// <param name="room">Room for eight bytes, which the answer may take.</param>
internal delegate ReadOnlySpan<byte> StoredCell(DbDataReader reader, int ordinal, Span<byte> room);
