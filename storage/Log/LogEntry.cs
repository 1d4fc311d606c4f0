using VecSQL.Catalog.Placement;

namespace VecSQL.Storage.Log;

/// <summary>A record that is about to be written.</summary>
/// <param name="Term">Of the primary that made it; 0 on a node that is alone.</param>
public readonly record struct LogEntry(LogRecordKind Kind, long Timestamp, ReadOnlyMemory<byte> Payload, Term Term = default);
