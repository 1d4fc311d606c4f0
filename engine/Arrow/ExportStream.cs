using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Arrow;

/// <summary>Reads a part of an export.</summary>
/// <remarks>
/// Where the receiver takes compressed bodies, record batches of segments of which all rows are seen go out as they lie on disk. Otherwise
/// rows are read, which copies nothing of what is not compressed, and brought to the size asked for.
/// Memory: a record batch, and the rows of one of the segment's.
/// </remarks>
internal sealed class ExportStream(
    ImmutableArray<ScanUnit> units, short[] columns, ArrowSchema schema, ArrowForm[] forms, ArrowStreamOptions options) : IArrowStream
{
    private readonly ArrowBatches _batches = new(schema, forms, options);
    private readonly BatchSizer _sizer = new(forms, options.BatchBytesMax);
    private readonly IpcEncoder _stored = new(schema, isCompressed: true);
    private readonly bool _sendsStored = options.AcceptsZstd && Array.TrueForAll(forms, static form => form.IsAsStored);
    private StoredColumn[]? _next; // comes after the rows held by the sizer
    private int _nextRows, _unit, _batch;
    private UnitReader? _reader;

    public ArrowSchema Schema => schema;

    public IpcMessage SchemaMessage => new IpcEncoder(schema, isCompressed: false).SchemaMessage();

    public ValueTask<IpcMessage?> NextAsync(CancellationToken cancellation)
    {
        try
        {
            return new(Next(cancellation));
        }
        catch (CorruptFileException corrupt)
        {
            throw new SqlException(corrupt.State, corrupt.Message, cause: corrupt);
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        _reader = null;
        return ValueTask.CompletedTask;
    }

    private IpcMessage? Next(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_batches.TryTake() is { } message)
                return message;
            bool isAtEnd = _unit == units.Length;
            if (_sizer.TryTake(isAtEnd || _next is not null) is { } rows)
            {
                _batches.Add(rows);
                continue;
            }
            if (_next is { } stored)
            {
                _next = null;
                return _stored.Stored(stored, _nextRows);
            }
            if (isAtEnd)
                return null;
            Read(units[_unit]);
        }
    }

    /// <summary>Reads the unit's next rows, or goes on to the next unit.</summary>
    private void Read(ScanUnit unit)
    {
        if (unit.Stored is not { } stored)
        {
            _reader ??= unit.Open(columns, withRowId: false, []);
            if (_reader.Next() is { } read)
            {
                _sizer.Add(read);
                return;
            }
            _reader.Dispose();
            _reader = null;
            _unit++;
            return;
        }
        if (_batch == stored.BatchCount)
        {
            _batch = 0;
            _unit++;
            return;
        }
        int batch = _batch++;
        if (_sendsStored && stored.FindStored(batch, columns) is { } found && IsAsShown(found)
            && BytesOf(found) <= options.BatchBytesMax * 3L / 2)
        {
            _next = found;
            _nextRows = (int)found[0].Nodes[0].Length;
        }
        else if (stored.Read(batch, columns) is { } rows)
        {
            _sizer.Add(rows);
        }
    }

    /// <summary>Whether the segment has the types that the forms have: a column's type may have changed since it was written.</summary>
    private bool IsAsShown(StoredColumn[] found)
    {
        for (int i = 0; i < found.Length; i++)
        {
            if (!found[i].Type.Equals(forms[i].Type))
                return false;
        }
        return true;
    }

    private static long BytesOf(StoredColumn[] columns)
    {
        long bytes = 0;
        foreach (StoredColumn column in columns)
        {
            foreach (ColumnBuffer buffer in column.Buffers)
                bytes += buffer.LengthBytes;
        }
        return bytes;
    }
}
