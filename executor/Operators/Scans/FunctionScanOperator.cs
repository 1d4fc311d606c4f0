using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Set-returning functions in FROM, side by side, the shorter ones padded with nulls; then the ordinality.</summary>
internal sealed class FunctionScanOperator(FunctionScanPlan plan, OperatorContext context) : Operator
{
    private SetRows[]? _sources;
    private IEnumerator<ColumnBatch>? _single; // one function alone: its batches are handed on
    private BatchBuilder? _output;
    private long _ordinality;

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new ValueTask<ColumnBatch?>(plan.Functions.Length == 1 ? NextOfOne() : NextOfMany());
    }

    public override ValueTask DisposeAsync()
    {
        _single?.Dispose();
        foreach (SetRows source in _sources ?? [])
            source.Dispose();
        return ValueTask.CompletedTask;
    }

    private ColumnBatch? NextOfOne()
    {
        _single ??= Rows(plan.Functions[0]).GetEnumerator();
        while (_single.MoveNext())
        {
            ColumnBatch batch = _single.Current;
            if (batch.RowCount > 0)
                return plan.WithOrdinality ? WithOrdinality(batch) : batch;
        }
        return null;
    }

    private ColumnBatch WithOrdinality(ColumnBatch batch)
    {
        long[] numbers = new long[batch.RowCount];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = ++_ordinality;
        return BatchShapes.With(batch, [new FixedColumn<long>(numbers)]);
    }

    private ColumnBatch? NextOfMany()
    {
        _output ??= new BatchBuilder(BatchShapes.PhysicalOf(plan.Output));
        _sources ??= [.. plan.Functions.Select(function => new SetRows(Rows(function)))];
        while (_output.RowCount < ColumnBatch.RowsMax && AddRow(_output, _sources))
        {
        }
        return _output.RowCount > 0 ? _output.Build() : null;
    }

    private bool AddRow(BatchBuilder output, SetRows[] sources)
    {
        bool hasAny = false;
        foreach (SetRows source in sources)
            hasAny |= source.MoveNext();
        if (!hasAny)
            return false;
        int column = 0;
        for (int i = 0; i < sources.Length; i++)
        {
            for (int field = 0; field < plan.Functions[i].Columns.Length; field++, column++)
            {
                if (sources[i].IsAtEnd)
                    output.Columns[column].AppendNull();
                else
                    output.Columns[column].AppendFrom(sources[i].Batch.Columns[field], sources[i].Row);
            }
        }
        if (plan.WithOrdinality)
            ((FixedColumnBuilder<long>)output.Columns[column]).Append(++_ordinality);
        output.EndRow();
        return true;
    }

    private IEnumerable<ColumnBatch> Rows(FunctionSource source)
    {
        if (source.Call is not CallExpression { Function.ReturnsSet: true } call)
            return Spread([new ColumnBatch([CompiledExpressions.EvaluateConstant(source.Call, context.Evaluation)], 1)], source);
        var arguments = new Column[call.Arguments.Count];
        for (int i = 0; i < arguments.Length; i++)
            arguments[i] = CompiledExpressions.EvaluateConstant(call.Arguments[i], context.Evaluation);
        return Spread(SetFunctionLibrary.Find(call).Rows(arguments, context.Evaluation), source);
    }

    /// <summary>The fields of records as columns, where the query defines these.</summary>
    private static IEnumerable<ColumnBatch> Spread(IEnumerable<ColumnBatch> batches, FunctionSource source)
    {
        return source.IsDefined ? batches.Select(batch => Spread(batch, source)) : batches;
    }

    private static ColumnBatch Spread(ColumnBatch batch, FunctionSource source)
    {
        var records = (BinaryColumn)batch.Columns[0];
        ColumnBuilder[] fields = [.. source.Columns.Select(static column => ColumnBuilder.Create(BuiltinTypes.PhysicalOf(column.Oid)))];
        for (int row = 0; row < batch.RowCount; row++)
        {
            for (int i = 0; i < fields.Length; i++)
            {
                if (records.IsNull(row))
                    fields[i].AppendNull();
                else
                    new RecordValue(records[row]).AppendField(i, fields[i]);
            }
        }
        return new ColumnBatch([.. fields.Select(static field => field.Build())], batch.RowCount);
    }
}
