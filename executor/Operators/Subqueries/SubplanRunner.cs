using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>Runs subqueries inside expressions, and remembers what they gave.</summary>
/// <remarks>
/// A subquery that reads no outer value runs once. One that does is remembered by the values it read, as long as it is not volatile
/// and there is memory. x = ANY over a subquery without outer values becomes a look-up in a table of its values.
/// Threads: one at a time; expressions with subqueries are not run in parallel.
/// </remarks>
internal sealed class SubplanRunner(StatementRun run, RowSourceScope? scope, int parallelismMax, bool isInCommonTable)
    : ISubplanRunner, IDisposable
{
    private Dictionary<SubplanExpression, SubplanMemory>? _memories; // most statements have no subquery

    public Column Run(SubplanExpression subplan, EvaluationContext context)
    {
        _memories ??= new Dictionary<SubplanExpression, SubplanMemory>(ReferenceEqualityComparer.Instance);
        if (!_memories.TryGetValue(subplan, out SubplanMemory? memory))
            _memories.Add(subplan, memory = new SubplanMemory(subplan, run));
        if (subplan.Kind is SubplanKind.Any or SubplanKind.All)
            return Test(subplan, memory, context);
        if (memory.Find(context) is { } known)
            return known;
        Column value = Compute(subplan, context);
        memory.Keep(value);
        return value;
    }

    public void Dispose()
    {
        if (_memories is null)
            return;
        foreach (SubplanMemory memory in _memories.Values)
            memory.Dispose();
    }

    private OperatorContext ContextFor(SubplanExpression subplan, EvaluationContext context) =>
        new(run, context)
        {
            Scope = scope,
            IsInCommonTable = isInCommonTable,
            // What runs once a row is not worth sharing out.
            ParallelismMax = PlanTraits.Of(subplan.Plan).FreeSlots.Count > 0 ? 1 : parallelismMax,
        };

    private Column Compute(SubplanExpression subplan, EvaluationContext context)
    {
        Operator source = OperatorBuilder.Build(subplan.Plan, ContextFor(subplan, context));
        try
        {
            return subplan.Kind switch
            {
                SubplanKind.Exists => BoolColumn.Constant(Next(source, context) is not null, 1),
                SubplanKind.Array => ArrayOf(subplan, source, context),
                _ => Scalar(subplan, source, context),
            };
        }
        finally
        {
            Wait(source.DisposeAsync());
        }
    }

    private static Column Scalar(SubplanExpression subplan, Operator source, EvaluationContext context)
    {
        if (Next(source, context) is not { } batch)
            return Column.Nulls(BatchShapes.PhysicalOf(subplan.Type), 1);
        if (batch.RowCount > 1 || Next(source, context) is not null)
        {
            throw new SqlException(SqlState.CardinalityViolation,
                "more than one row returned by a subquery used as an expression");
        }
        return batch.Columns[0].Broadcast(0, 1);
    }

    private static Column ArrayOf(SubplanExpression subplan, Operator source, EvaluationContext context)
    {
        var batches = new List<ColumnBatch>();
        while (Next(source, context) is { } batch)
            batches.Add(batch);
        return SubplanArrays.Make(batches, subplan.Type, subplan.Plan.Output[0]);
    }

    private Column Test(SubplanExpression subplan, SubplanMemory memory, EvaluationContext context)
    {
        if (memory.Lookup(context) is { } found)
            return found;
        ScalarExpression test = subplan.Test ?? throw new InvalidOperationException("ANY or ALL without a test");
        VectorExpression code = CompiledExpressions.Compile(test);
        if (!memory.IsIndependent)
        {
            Operator source = OperatorBuilder.Build(subplan.Plan, ContextFor(subplan, context));
            try
            {
                return Quantify(subplan.Kind, () => Next(source, context), code, context);
            }
            finally
            {
                Wait(source.DisposeAsync());
            }
        }
        if (memory.Rows is null)
        {
            ReadRows(subplan, memory, context);
            if (memory.Lookup(context) is { } hashed)
                return hashed;
        }
        using IBatchReader reader = memory.OpenRows();
        return Quantify(subplan.Kind, reader.Next, code, context);
    }

    private void ReadRows(SubplanExpression subplan, SubplanMemory memory, EvaluationContext context)
    {
        Operator source = OperatorBuilder.Build(subplan.Plan, ContextFor(subplan, context));
        try
        {
            while (Next(source, context) is { } batch)
                memory.AddRows(batch);
            memory.EndRows();
        }
        finally
        {
            Wait(source.DisposeAsync());
        }
    }

    // ANY is true where one row passes, ALL false where one fails; otherwise an unknown row makes the whole unknown.
    private static Column Quantify(
        SubplanKind kind, Func<ColumnBatch?> next, VectorExpression test, EvaluationContext context)
    {
        bool decisive = kind == SubplanKind.Any, isUnknown = false;
        while (next() is { } batch)
        {
            Column truth = test.Evaluate(batch, context);
            for (int row = 0; row < batch.RowCount; row++)
            {
                if (truth.IsNull(row))
                    isUnknown = true;
                else if (((BoolColumn)truth)[row] == decisive)
                    return BoolColumn.Constant(decisive, 1);
            }
        }
        return isUnknown ? Column.Nulls(PhysicalType.Bool, 1) : BoolColumn.Constant(!decisive, 1);
    }

    private static ColumnBatch? Next(Operator source, EvaluationContext context)
    {
        ValueTask<ColumnBatch?> next = source.NextAsync(context.Cancellation);
        // Expressions are computed on the caller's thread; a subquery that waits (for a lock, for workers) makes it wait.
        return next.IsCompleted ? next.GetAwaiter().GetResult() : next.AsTask().GetAwaiter().GetResult();
    }

    private static void Wait(ValueTask task)
    {
        if (task.IsCompleted)
            task.GetAwaiter().GetResult();
        else
            task.AsTask().GetAwaiter().GetResult();
    }
}
