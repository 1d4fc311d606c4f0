using VecSQL.Columnar.Batches;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Statements;

/// <summary>COPY as a whole: shows how far it is, and moves the data itself where that is a file's.</summary>
internal sealed class CopyWork : StatementWork
{
    private readonly SessionState _session;
    private readonly StatementWork _rows;
    private readonly Func<CancellationToken, ValueTask>? _transfer;
    private bool _isDone;

    /// <param name="rows">Takes or gives the data.</param>
    /// <param name="transfer">Moves it to or from there; null where the client does.</param>
    internal CopyWork(SessionState session, StatementWork rows, CopyActivity activity, Func<CancellationToken, ValueTask>? transfer)
    {
        (_session, _rows, _transfer) = (session, rows, transfer);
        session.Activity.Copy = activity;
    }

    internal override ICopySink? CopyIn => _transfer is null ? _rows.CopyIn : null;

    internal override ICopySource? CopyOut => _transfer is null ? _rows.CopyOut : null;

    internal override string Tag(long rowCount) => _rows.Tag(rowCount);

    internal override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_isDone && _transfer is not null)
            await _transfer(cancellation);
        _isDone = true;
        return null;
    }

    private protected override ValueTask ReleaseAsync()
    {
        _session.Activity.Copy = null;
        return _rows.DisposeAsync();
    }
}
