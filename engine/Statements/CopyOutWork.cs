using VecSQL.Columnar.Batches;
using VecSQL.Engine.Copy;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Statements;

/// <summary>COPY TO STDOUT: gives a query's rows as data, piece by piece.</summary>
internal sealed class CopyOutWork(QueryWork query, CopyActivity activity, CopyWriter writer, int columnCount, bool isBinary)
    : StatementWork, ICopySource
{
    private const int PieceBytes = 64 << 10;

    private readonly CopyBuffer _buffer = new();
    private readonly List<int> _rowEnds = [];
    private ColumnBatch? _batch;
    private int _row;
    private long _rowCount;
    private bool _hasBegun, _hasEnded;

    internal override ICopySource? CopyOut => this;

    public bool IsBinary => isBinary;

    public int ColumnCount => columnCount;

    public ReadOnlyMemory<int> RowEnds => _rowEnds.ToArray();

    internal override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => default;

    internal override string Tag(long rowCount) => $"COPY {_rowCount}";

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
    {
        _buffer.Truncate(0);
        _rowEnds.Clear();
        if (!_hasBegun)
        {
            _hasBegun = true;
            writer.Begin(_buffer, _rowEnds);
        }
        while (!_hasEnded && _buffer.Length < PieceBytes)
        {
            if (_batch is null || _row == _batch.RowCount)
            {
                _batch = await query.NextAsync(cancellation);
                _row = 0;
            }
            if (_batch is null)
            {
                _hasEnded = true;
                writer.End(_buffer, _rowEnds);
                break;
            }
            writer.Write(_batch, _row, 1, _buffer, _rowEnds);
            _row++;
            _rowCount++;
        }
        activity.Add(_buffer.Length);
        activity.Count(_rowCount);
        return _buffer.Written;
    }

    private protected override ValueTask ReleaseAsync() => query.DisposeAsync();
}
