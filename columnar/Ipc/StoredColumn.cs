using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>A record batch's column as its message stores it: to be sent on without being read.</summary>
/// <param name="Nodes">Row counts and null counts, the column's and its children's.</param>
/// <param name="Buffers">Each with its length before it, compressed or not; absent ones are empty.</param>
public readonly record struct StoredColumn(
    ArrowType Type, IReadOnlyList<(long Length, long NullCount)> Nodes, IReadOnlyList<ColumnBuffer> Buffers);
