using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>A projection whose set-returning calls multiply rows: side by side, the shorter sets padded with nulls.</summary>
/// <remarks>A row whose sets are all empty gives no row.</remarks>
internal sealed class ProjectSetOperator : Operator
{
    private readonly Operator _input;
    private readonly OperatorContext _context;
    private readonly VectorExpression?[] _plain; // null where a set function stands
    private readonly SetCall?[] _sets;
    private readonly PhysicalType[] _types;
    private readonly BatchBuilder _output;
    private ColumnBatch? _batch;
    private Column[] _plainValues = [];
    private SetRows[]? _open;
    private int _row;

    /// <param name="Record">Makes one value of the columns of functions that return records; null for others.</param>
    private sealed record SetCall(SetFunction Function, VectorExpression[] Arguments, RecordColumns? Record)
    {
        internal Column[] Values { get; set; } = [];
    }

    internal ProjectSetOperator(ProjectSetPlan plan, Operator input, OperatorContext context)
    {
        (_input, _context) = (input, context);
        _plain = new VectorExpression?[plan.Expressions.Length];
        _sets = new SetCall?[plan.Expressions.Length];
        for (int i = 0; i < _plain.Length; i++)
        {
            if (plan.Expressions[i] is CallExpression { Function.ReturnsSet: true } call)
                _sets[i] = new SetCall(SetFunctionLibrary.Find(call), CompiledExpressions.Compile([.. call.Arguments]),
                    RecordColumns.Of(call));
            else
                _plain[i] = CompiledExpressions.Compile(plan.Expressions[i]);
        }
        _types = BatchShapes.PhysicalOf(plan.Output);
        _output = new BatchBuilder(_types);
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_batch is null || _row == _batch.RowCount)
            {
                _batch = await _input.NextAsync(cancellation).ConfigureAwait(false);
                if (_batch is null)
                    return _output.RowCount > 0 ? _output.Build() : null;
                Begin(_batch);
            }
            _open ??= OpenRow();
            while (_output.RowCount < ColumnBatch.RowsMax && AddRow(_open))
            {
            }
            if (_output.RowCount == ColumnBatch.RowsMax)
                return _output.Build();
            CloseRow();
            _row++;
        }
    }

    public override ValueTask DisposeAsync()
    {
        CloseRow();
        return _input.DisposeAsync();
    }

    private void Begin(ColumnBatch batch)
    {
        _row = 0;
        _plainValues = new Column[_plain.Length];
        for (int i = 0; i < _plain.Length; i++)
        {
            if (_plain[i] is { } expression)
                _plainValues[i] = CompiledExpressions.Evaluate(expression, batch, _context.Evaluation);
            if (_sets[i] is { } set)
                set.Values = CompiledExpressions.Evaluate(set.Arguments, batch, _context.Evaluation);
        }
    }

    private SetRows[] OpenRow()
    {
        var open = new SetRows[_sets.Length];
        for (int i = 0; i < open.Length; i++)
        {
            if (_sets[i] is not { } set)
                continue;
            var arguments = new Column[set.Values.Length];
            for (int j = 0; j < arguments.Length; j++)
                arguments[j] = set.Values[j].Broadcast(_row, 1);
            open[i] = new SetRows(set.Function.Rows(arguments, _context.Evaluation));
        }
        return open;
    }

    private bool AddRow(SetRows?[] open)
    {
        bool hasAny = false;
        foreach (SetRows? rows in open)
            hasAny |= rows is not null && rows.MoveNext();
        if (!hasAny)
            return false;
        for (int i = 0; i < open.Length; i++)
        {
            if (open[i] is not { } rows)
                _output.Columns[i].AppendFrom(_plainValues[i], _row);
            else if (rows.IsAtEnd)
                _output.Columns[i].AppendNull();
            else if (_sets[i]?.Record is { } record)
                record.Append((BinaryColumnBuilder)_output.Columns[i], rows.Batch, rows.Row);
            else
                _output.Columns[i].AppendFrom(rows.Batch.Columns[0], rows.Row);
        }
        _output.EndRow();
        return true;
    }

    private void CloseRow()
    {
        foreach (SetRows? rows in _open ?? [])
            rows?.Dispose();
        _open = null;
    }
}
