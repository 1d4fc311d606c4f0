using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sets;

/// <summary>Keeps the first row of each run of rows with equal keys.</summary>
internal sealed class DistinctOnOperator : Operator
{
    private readonly Operator _input;
    private readonly OperatorContext _context;
    private readonly VectorExpression[] _keys;
    private readonly OrderedKeyEncoder _encoder;
    private readonly KeyBuffer _buffer = new();
    private byte[]? _last;

    internal DistinctOnOperator(DistinctOnPlan plan, Operator input, OperatorContext context)
    {
        (_input, _context) = (input, context);
        _keys = CompiledExpressions.Compile(plan.Keys);
        var kinds = new KeyKind[plan.Keys.Length];
        for (int i = 0; i < kinds.Length; i++)
            kinds[i] = KeyKinds.Of(plan.Keys[i].Type);
        _encoder = OrderedKeyEncoder.ForEquality(kinds);
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (await _input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            if (FirstOfRuns(batch) is { } kept)
                return kept;
        }
        return null;
    }

    public override ValueTask DisposeAsync() => _input.DisposeAsync();

    private ColumnBatch? FirstOfRuns(ColumnBatch batch)
    {
        _buffer.Clear();
        _encoder.Append(
            CompiledExpressions.Evaluate(_keys, batch, _context.Evaluation), batch.RowCount, _buffer);
        int[] rows = new int[batch.RowCount];
        int count = 0;
        for (int row = 0; row < batch.RowCount; row++)
        {
            ReadOnlySpan<byte> before = row > 0 ? _buffer[row - 1] : _last;
            bool isFirst = (row == 0 && _last is null) || !_buffer[row].SequenceEqual(before);
            rows[count] = row;
            count += isFirst ? 1 : 0;
        }
        _last = _buffer[batch.RowCount - 1].ToArray();
        return count == 0 ? null : count == batch.RowCount ? batch : batch.Take(rows.AsSpan(0, count));
    }
}
