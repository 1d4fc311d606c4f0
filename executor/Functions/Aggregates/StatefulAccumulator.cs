using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>An aggregate written row by row, with an object as each group's state; a group without rows has
/// none.</summary>
internal abstract class StatefulAccumulator<TState>(PhysicalType result) : Accumulator where TState : class
{
    private TState?[] _states = new TState?[1];
    private long _stateBytes;

    public sealed override long SizeBytes => (_states.Length * 8L) + _stateBytes;

    public sealed override void Resize(int groupCount) => GroupStates.Grow(ref _states, groupCount);

    public sealed override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        for (int row = 0; row < rowCount; row++)
        {
            if (!Counts(arguments, row))
                continue;
            int group = GroupStates.GroupOf(groups, row);
            TState state = _states[group] ??= NewState();
            _stateBytes += AddRow(state, arguments, row, context);
        }
    }

    public sealed override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (StatefulAccumulator<TState>)other;
        for (int i = 0; i < groups.Length; i++)
        {
            if (source._states[i] is not { } added)
                continue;
            if (_states[groups[i]] is { } state)
                MergeState(state, added);
            else
                _states[groups[i]] = added; // the other accumulator is given up
        }
        _stateBytes += source._stateBytes;
    }

    public sealed override Column Finish(int start, int count, EvaluationContext context)
    {
        ColumnBuilder target = ColumnBuilder.Create(result, count);
        for (int group = start; group < start + count; group++)
        {
            if (_states[group] is { } state)
                AppendResult(state, target, context);
            else
                AppendEmpty(target);
        }
        return target.Build();
    }

    /// <summary>Whether the row counts; unless said otherwise, where no argument is null.</summary>
    protected virtual bool Counts(ReadOnlySpan<Column> arguments, int row)
    {
        foreach (Column argument in arguments)
        {
            if (argument.IsNull(row))
                return false;
        }
        return true;
    }

    protected abstract TState NewState();

    /// <summary>Adds a row that counts; returns by how many bytes the state grew.</summary>
    protected abstract long AddRow(TState state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context);

    protected abstract void MergeState(TState state, TState added);

    protected abstract void AppendResult(TState state, ColumnBuilder target, EvaluationContext context);

    /// <summary>The result over no rows.</summary>
    protected virtual void AppendEmpty(ColumnBuilder target) => target.AppendNull();
}
