using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Writes a segment: rows in ascending order of row id, as an Arrow file and a sidecar.</summary>
/// <remarks>
/// Memory:  rows of one record batch, and 12 bytes a row for each unique key until <see cref="Finish"/>.
/// Threads: one at a time.
/// </remarks>
public sealed class SegmentWriter : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly SegmentId _id;
    private readonly SegmentSchema _schema;
    private readonly ColumnForm[] _forms;
    private readonly KeyCollector[] _keys;
    private readonly IFile _arrowFile;
    private readonly BatchBuilder _pending;
    private readonly long[] _pendingRowIds = new long[ColumnBatch.RowsMax];
    private readonly long[] _pendingCommits = new long[ColumnBatch.RowsMax];
    private readonly SegmentSummary _summary;
    private IpcFileWriter? _arrow; // made when it is known whether commit timestamps are stored
    private bool _hasCommits, _isFinished;

    public SegmentWriter(IFileSystem files, string directory, SegmentId id, SegmentSchema schema)
    {
        _files = files;
        _directory = directory;
        _id = id;
        _schema = schema;
        _forms = new ColumnForm[schema.Columns.Length];
        PhysicalType[] types = new PhysicalType[schema.Columns.Length];
        for (int i = 0; i < types.Length; i++)
        {
            _forms[i] = ArrowTypeMap.Map(schema.Columns[i]).Form;
            types[i] = schema.Columns[i].Physical;
        }
        _keys = new KeyCollector[schema.Keys.Length];
        for (int i = 0; i < _keys.Length; i++)
            _keys[i] = new KeyCollector(schema, schema.Keys[i]);
        _pending = new BatchBuilder(types);
        _summary = new SegmentSummary(schema);
        _arrowFile = files.Open(ArrowPath, FileOpening.Create);
    }

    public int RowCount => _summary.RowCount + _pending.RowCount;

    /// <summary>Bytes written so far, to decide when a segment is large enough.</summary>
    public long WrittenBytes => _arrow?.Position ?? 0;

    private string ArrowPath => Path.Combine(_directory, _id.ArrowName);

    private string SidecarPath => Path.Combine(_directory, _id.SidecarName);

    /// <summary>Adds rows.</summary>
    /// <param name="rowIds">Ascending, and above all earlier ones.</param>
    /// <param name="commits">A commit timestamp for each row; empty where none is known yet, and then in every
    /// call.</param>
    /// <param name="rows">The schema's columns, in its order.</param>
    public void Append(ReadOnlySpan<long> rowIds, ReadOnlySpan<long> commits, ColumnBatch rows)
    {
        Invariant.Holds(!_isFinished && rows.Columns.Length == _forms.Length && rowIds.Length == rows.RowCount);
        Invariant.Holds(commits.IsEmpty || commits.Length == rowIds.Length);
        if (rowIds.IsEmpty)
            return;
        if (_arrow is null)
        {
            _hasCommits = !commits.IsEmpty;
            _arrow = StartArrow();
        }
        Invariant.Holds(_hasCommits == !commits.IsEmpty);
        for (int start = 0; start < rows.RowCount;)
        {
            int count = Math.Min(rows.RowCount - start, ColumnBatch.RowsMax - _pending.RowCount);
            rowIds.Slice(start, count).CopyTo(_pendingRowIds.AsSpan(_pending.RowCount));
            if (_hasCommits)
                commits.Slice(start, count).CopyTo(_pendingCommits.AsSpan(_pending.RowCount));
            if (count == ColumnBatch.RowsMax)
            {
                WriteBatch(rows.Slice(start, count)); // a whole batch needs no copy
            }
            else
            {
                _pending.AppendAll(rows.Slice(start, count));
                if (_pending.RowCount == ColumnBatch.RowsMax)
                    WriteBatch(_pending.Build());
            }
            start += count;
        }
    }

    /// <summary>Completes both files and flushes them and their names to disk. At least one row was appended.</summary>
    public SegmentInfo Finish()
    {
        Invariant.Holds(!_isFinished && RowCount > 0 && _arrow is not null);
        if (_pending.RowCount > 0)
            WriteBatch(_pending.Build());
        _summary.TailOffset = _arrow.Position;
        _arrow.Finish();
        _arrowFile.Flush();
        _arrowFile.Dispose();

        SidecarWriter sidecar = new();
        _summary.AddTo(sidecar, _hasCommits);
        foreach (KeyCollector key in _keys)
            key.AddTo(sidecar);
        long sidecarBytes = sidecar.Write(_files, SidecarPath, _arrow.Position);
        _files.FlushDirectory(_directory);
        _isFinished = true;
        return new SegmentInfo(_id, _schema.TableOid, _summary.RowCount, _summary.MinRowId, _summary.MaxRowId,
            _summary.MinCommit, _summary.MaxCommit, _arrow.Position, sidecarBytes);
    }

    /// <summary>Deletes what was written unless <see cref="Finish"/> succeeded.</summary>
    public void Dispose()
    {
        if (_isFinished)
            return;
        _isFinished = true;
        _arrowFile.Dispose();
        try
        {
            _files.Delete(ArrowPath);
            _files.Delete(SidecarPath);
        }
        catch (FileFaultException)
        {
            // What led here is reported already; a file left over is removed when the directory is next opened.
        }
    }

    private IpcFileWriter StartArrow()
    {
        List<ArrowField> fields = [HiddenField("_rowid", SegmentReader.RowIdColumn)];
        if (_hasCommits)
            fields.Add(HiddenField("_commit_ts", SegmentReader.CommitColumn));
        foreach (SegmentColumn column in _schema.Columns)
            fields.Add(ArrowTypeMap.Map(column).Field);
        KeyValuePair<string, string>[] metadata =
            [new("vecsql.table", _schema.TableOid.ToString()), new("vecsql.version", SidecarFormat.Version.ToString())];
        long written = 0;
        return new IpcFileWriter(new ArrowSchema(fields, metadata), bytes =>
        {
            _arrowFile.Write(written, bytes);
            written += bytes.Length;
            _summary.CountEnvelope(bytes);
        });
    }

    private ArrowField HiddenField(string name, short number)
    {
        while (HasColumn(name))
            name = "_" + name; // some tools insist on names that differ
        return new ArrowField(name, new ArrowType(ArrowTypeKind.Int64), IsNullable: false,
            [new(ArrowKeys.Column, number.ToString()), new(ArrowKeys.Type, TypeOid.Int8.ToString())]);
    }

    private bool HasColumn(string name)
    {
        foreach (SegmentColumn column in _schema.Columns)
        {
            if (column.Name == name)
                return true;
        }
        return false;
    }

    private void WriteBatch(ColumnBatch rows)
    {
        Invariant.Holds(_arrow is not null);
        ReadOnlySpan<long> rowIds = _pendingRowIds.AsSpan(0, rows.RowCount);
        ReadOnlySpan<long> commits = _hasCommits ? _pendingCommits.AsSpan(0, rows.RowCount) : default;
        int hidden = _hasCommits ? 2 : 1;
        Column[] columns = new Column[hidden + _forms.Length];
        columns[0] = new FixedColumn<long>(_pendingRowIds, rows.RowCount);
        if (_hasCommits)
            columns[1] = new FixedColumn<long>(_pendingCommits, rows.RowCount);
        for (int i = 0; i < _forms.Length; i++)
            columns[hidden + i] = _forms[i].ToFile(rows.Columns[i]);
        foreach (KeyCollector key in _keys)
            key.Add(rows, _summary.RowCount);
        _summary.EndEnvelope();
        WrittenBatch written = _arrow.Write(columns, rows.RowCount);
        _summary.Add(rows, rowIds, commits, written);
    }
}
