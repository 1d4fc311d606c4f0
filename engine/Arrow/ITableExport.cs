using VecSQL.Columnar.Ipc;

namespace VecSQL.Engine.Arrow;

/// <summary>A table's rows in parts that are read apart, in any order and at once, all of one snapshot.</summary>
/// <remarks>
/// Snapshot: the one of the statement that asked; it is kept until the export is disposed, whatever becomes of the session.
/// Threads:  any.
/// </remarks>
public interface ITableExport : IAsyncDisposable
{
    ArrowSchema Schema { get; }

    IReadOnlyList<ExportPart> Parts { get; }

    /// <summary>The rows of a part, from its beginning; may be opened more than once.</summary>
    IArrowStream Open(int part, ArrowStreamOptions options);
}

/// <summary>A part of an export.</summary>
/// <param name="RowCount">Rows in it.</param>
/// <param name="Bytes">About how many bytes they take.</param>
public readonly record struct ExportPart(long RowCount, long Bytes);
