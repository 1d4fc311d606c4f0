using System.Numerics;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>bool_and (every) and bool_or.</summary>
internal sealed class BooleanAccumulator(bool isAnd) : Accumulator
{
    private bool[] _values = new bool[1], _hasValue = new bool[1];

    public override long SizeBytes => _values.Length * 2L;

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _values, groupCount);
        GroupStates.Grow(ref _hasValue, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (BoolColumn)arguments[0];
        for (int row = 0; row < rowCount; row++)
        {
            if (!column.IsNull(row))
                Offer(GroupStates.GroupOf(groups, row), column[row]);
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (BooleanAccumulator)other;
        for (int i = 0; i < groups.Length; i++)
        {
            if (source._hasValue[i])
                Offer(groups[i], source._values[i]);
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        ulong[] bits = Bitmap.Allocate(count), known = Bitmap.Allocate(count);
        for (int i = 0; i < count; i++)
        {
            if (_values[start + i])
                Bitmap.Set(bits, i);
            if (_hasValue[start + i])
                Bitmap.Set(known, i);
        }
        return new BoolColumn(new Bitmap(bits, count), new Bitmap(known, count));
    }

    private void Offer(int group, bool value)
    {
        _values[group] = !_hasValue[group] ? value : isAnd ? _values[group] && value : _values[group] || value;
        _hasValue[group] = true;
    }
}

internal enum BitOperation : byte { And, Or, Xor }

/// <summary>bit_and, bit_or and bit_xor of integers.</summary>
internal sealed class IntegerBitsAccumulator<T>(
    BitOperation operation) : Accumulator where T : unmanaged, IBinaryInteger<T>
{
    private T[] _values = new T[1];
    private bool[] _hasValue = new bool[1];

    public override long SizeBytes => _values.Length * 9L;

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _values, groupCount);
        GroupStates.Grow(ref _hasValue, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (FixedColumn<T>)arguments[0];
        for (int row = 0; row < rowCount; row++)
        {
            if (!column.IsNull(row))
                Offer(GroupStates.GroupOf(groups, row), column[row]);
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (IntegerBitsAccumulator<T>)other;
        for (int i = 0; i < groups.Length; i++)
        {
            if (source._hasValue[i])
                Offer(groups[i], source._values[i]);
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        ulong[] known = Bitmap.Allocate(count);
        for (int i = 0; i < count; i++)
        {
            if (_hasValue[start + i])
                Bitmap.Set(known, i);
        }
        return new FixedColumn<T>(_values.AsSpan(start, count).ToArray(), new Bitmap(known, count));
    }

    private void Offer(int group, T value)
    {
        T old = _values[group];
        _values[group] = !_hasValue[group] ? value : operation switch
        {
            BitOperation.And => old & value,
            BitOperation.Or => old | value,
            _ => old ^ value,
        };
        _hasValue[group] = true;
    }
}

/// <summary>bit_and, bit_or and bit_xor of bit strings of one length.</summary>
internal sealed class BitStringAccumulator(BitOperation operation)
    : StatefulAccumulator<BitStringAccumulator.State>(PhysicalType.Binary)
{
    internal sealed class State
    {
        public byte[]? Value;
    }

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        ReadOnlySpan<byte> value = ((BinaryColumn)arguments[0])[row];
        Combine(state, value);
        return 0;
    }

    protected override void MergeState(State state, State added) => Combine(state, added.Value);

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context) =>
        ((BinaryColumnBuilder)target).Append(state.Value);

    private void Combine(State state, ReadOnlySpan<byte> value)
    {
        if (state.Value is null)
        {
            state.Value = value.ToArray();
            return;
        }
        if (new BitString(state.Value).Count != new BitString(value).Count)
        {
            throw new SqlException(SqlState.StringDataLengthMismatch,
                $"cannot {operation.ToString().ToUpperInvariant()} bit strings of different sizes");
        }
        for (int i = sizeof(int); i < value.Length; i++)
        {
            state.Value[i] = operation switch
            {
                BitOperation.And => (byte)(state.Value[i] & value[i]),
                BitOperation.Or => (byte)(state.Value[i] | value[i]),
                _ => (byte)(state.Value[i] ^ value[i]),
            };
        }
    }
}
