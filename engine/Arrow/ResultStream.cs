using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Arrow;

/// <summary>A statement's rows as record batches of about the size asked for.</summary>
/// <remarks>Memory: the rows of one record batch, and of one of the statement's.</remarks>
internal sealed class ResultStream(IStatementResult result, ArrowSchema schema, ArrowForm[] forms, ArrowStreamOptions options)
    : IArrowStream
{
    private readonly ArrowBatches _batches = new(schema, forms, options);
    private readonly BatchSizer _sizer = new(forms, options.BatchBytesMax);
    private bool _isAtEnd;

    public ArrowSchema Schema => schema;

    public IpcMessage SchemaMessage => new IpcEncoder(schema, isCompressed: false).SchemaMessage();

    public async ValueTask<IpcMessage?> NextAsync(CancellationToken cancellation)
    {
        if (_batches.TryTake() is { } message)
            return message;
        while (true)
        {
            if (_sizer.TryTake(_isAtEnd) is { } rows)
            {
                _batches.Add(rows);
                return _batches.TryTake();
            }
            if (_isAtEnd)
                return null;
            if (await result.NextAsync(0, cancellation) is { } batch)
                _sizer.Add(batch);
            else
                _isAtEnd = true;
        }
    }

    public ValueTask DisposeAsync() => result.DisposeAsync();
}
