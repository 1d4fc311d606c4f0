using VecSQL.Columnar.Batches;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Writes a segment: rows in ascending order of row id, as an Arrow file and a sidecar.</summary>
/// <remarks>
/// Memory:  rows of one record batch, and 12 bytes a row for each unique key until <see cref="Finish"/>.
/// Threads: one at a time.
/// </remarks>
public sealed class SegmentWriter : IDisposable
{
    public SegmentWriter(IFileSystem files, string directory, SegmentId id, SegmentSchema schema) =>
        throw new NotImplementedException();

    public int RowCount => throw new NotImplementedException();

    /// <summary>Bytes written so far, to decide when a segment is large enough.</summary>
    public long WrittenBytes => throw new NotImplementedException();

    /// <summary>Adds rows.</summary>
    /// <param name="rowIds">Ascending, and above all earlier ones.</param>
    /// <param name="commits">A commit timestamp for each row; empty where none is known yet, and then in every call.</param>
    /// <param name="rows">The schema's columns, in its order.</param>
    public void Append(ReadOnlySpan<long> rowIds, ReadOnlySpan<long> commits, ColumnBatch rows) =>
        throw new NotImplementedException();

    /// <summary>Completes both files and flushes them and their names to disk. At least one row was appended.</summary>
    public SegmentInfo Finish() => throw new NotImplementedException();

    /// <summary>Deletes what was written unless <see cref="Finish"/> succeeded.</summary>
    public void Dispose() => throw new NotImplementedException();
}
