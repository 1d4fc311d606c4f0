using VecSQL.Columnar.Batches;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>Offers common tables to the body, and runs those that change data to their end first.</summary>
internal sealed class WithOperator : Operator
{
    private readonly List<(CommonTable Table, bool IsModifying)> _tables = [];
    private readonly Operator _body;
    private bool _hasBegun;

    internal WithOperator(WithPlan plan, OperatorContext context)
    {
        var scope = new RowSourceScope(context.Scope);
        OperatorContext inner = context.WithScope(scope);
        foreach (CommonTablePlan table in plan.Tables)
        {
            var common = new CommonTable(table, inner with { IsInCommonTable = true });
            _tables.Add((common, table.IsModifying));
            scope.Add(common);
        }
        _body = OperatorBuilder.Build(plan.Body, inner);
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            foreach ((CommonTable table, bool isModifying) in _tables)
            {
                if (isModifying)
                    await table.CompleteAsync(cancellation).ConfigureAwait(false);
            }
        }
        return await _body.NextAsync(cancellation).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        await _body.DisposeAsync().ConfigureAwait(false);
        foreach ((CommonTable table, _) in _tables)
            await table.DisposeAsync().ConfigureAwait(false);
    }
}
