using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Copy;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Statements;

/// <summary>COPY TO as Arrow: the stream format, or the file format.</summary>
/// <remarks>Memory: a record batch, twice.</remarks>
internal sealed class ArrowCopyOutWork : StatementWork, ICopySource
{
    private readonly QueryWork _query;
    private readonly CopyActivity _activity;
    private readonly ArrowForm[] _forms;
    private readonly IpcEncoder _encoder;
    private readonly CopyBuffer _buffer = new();
    private readonly BatchSizer _sizer;
    private readonly IpcFileWriter? _file; // writes into the buffer
    private long _rowCount;
    private bool _hasBegun, _isAtEnd, _hasEnded;

    internal ArrowCopyOutWork(
        QueryWork query, CopyActivity activity, ImmutableArray<ResultColumnInfo> columns, FormatContext context, bool isCompressed)
    {
        (_query, _activity) = (query, activity);
        (_forms, ArrowSchema schema) = ArrowResult.Made(columns, context);
        _encoder = new IpcEncoder(schema, isCompressed);
        _sizer = new BatchSizer(_forms, ArrowStreamOptions.Default.BatchBytesMax);
        ColumnCount = columns.Length;
        if (activity.IsFile)
            _file = new IpcFileWriter(schema, _buffer.Put, isCompressed);
    }

    internal override ICopySource? CopyOut => this;

    public bool IsBinary => true;

    public int ColumnCount { get; }

    public ReadOnlyMemory<int> RowEnds => new[] { _buffer.Length };

    internal override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => default;

    internal override string Tag(long rowCount) => $"COPY {_rowCount}";

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
    {
        if (_hasBegun || _file is null)
            _buffer.Truncate(0); // a file's head is written when it is made
        if (!_hasBegun && _file is null)
            Put(_encoder.SchemaMessage());
        _hasBegun = true;
        while (!_hasEnded)
        {
            if (_sizer.TryTake(_isAtEnd) is { } rows)
            {
                Put(rows);
                break;
            }
            if (_isAtEnd)
            {
                End();
                break;
            }
            if (await _query.NextAsync(cancellation) is { } batch)
                _sizer.Add(batch);
            else
                _isAtEnd = true;
        }
        _activity.Add(_buffer.Length);
        _activity.Count(_rowCount);
        return _buffer.Written;
    }

    private protected override ValueTask ReleaseAsync() => _query.DisposeAsync();

    private void Put(ColumnBatch rows)
    {
        ArrowArray[] columns = new ArrowArray[_forms.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = _forms[i].Encode(rows.Columns[i]);
        _rowCount += rows.RowCount;
        if (_file is not null)
        {
            _file.Write(columns, rows.RowCount);
            return;
        }
        foreach (IpcMessage message in _encoder.Encode(columns, rows.RowCount))
            Put(message);
    }

    private void Put(IpcMessage message)
    {
        _buffer.Put(message.Head());
        foreach (ReadOnlyMemory<byte> piece in message.Body)
            _buffer.Put(piece.Span);
    }

    private void End()
    {
        _hasEnded = true;
        if (_file is not null)
            _file.Finish();
        else
            _buffer.Put(IpcMessage.EndOfStream.Span);
    }
}
