using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>string_agg: values with delimiters between them; the delimiter belongs to the row after it.</summary>
internal sealed class StringAccumulator() : StatefulAccumulator<StringAccumulator.State>(PhysicalType.Binary)
{
    internal sealed class State
    {
        public readonly List<byte> Bytes = [];
        public byte[] FirstDelimiter = []; // stands before the value when this state is merged behind another
        public bool HasValue;
    }

    protected override bool Counts(ReadOnlySpan<Column> arguments, int row) => !arguments[0].IsNull(row);

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        ReadOnlySpan<byte> delimiter = arguments[1].IsNull(row) ? [] : ((BinaryColumn)arguments[1])[row];
        int before = state.Bytes.Count;
        if (state.HasValue)
            state.Bytes.AddRange(delimiter);
        else
            state.FirstDelimiter = delimiter.ToArray();
        state.HasValue = true;
        state.Bytes.AddRange(((BinaryColumn)arguments[0])[row]);
        return state.Bytes.Count - before;
    }

    protected override void MergeState(State state, State added)
    {
        state.Bytes.AddRange(added.FirstDelimiter);
        state.Bytes.AddRange(added.Bytes);
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context) =>
        ((BinaryColumnBuilder)target).Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(state.Bytes));
}

/// <summary>array_agg of values, nulls too.</summary>
internal sealed class ArrayAccumulator(SqlType element) : StatefulAccumulator<ArrayBuilder>(PhysicalType.Binary)
{
    private const int BytesPerElementGuess = 16;

    protected override bool Counts(ReadOnlySpan<Column> arguments, int row) => true;

    protected override ArrayBuilder NewState() => new(element.Oid);

    protected override long AddRow(
        ArrayBuilder state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        state.Elements.AppendFrom(arguments[0], row);
        return arguments[0] is BinaryColumn texts && !texts.IsNull(row) ? texts[row].Length + 8 : BytesPerElementGuess;
    }

    protected override void MergeState(ArrayBuilder state, ArrayBuilder added)
    {
        Column elements = added.Elements.Build();
        state.Elements.AppendAll(elements);
    }

    protected override void AppendResult(ArrayBuilder state, ColumnBuilder target, EvaluationContext context) =>
        state.AppendTo((BinaryColumnBuilder)target);
}

/// <summary>array_agg of arrays: one array of a dimension more.</summary>
internal sealed class ArrayOfArraysAccumulator(
    SqlType array) : StatefulAccumulator<ArrayOfArraysAccumulator.State>(PhysicalType.Binary)
{
    internal sealed class State(uint element)
    {
        public readonly ArrayBuilder Array = new(element);
        public int[]? Shape;
        public int[] LowerBounds = [];
        public int Count;
    }

    protected override bool Counts(ReadOnlySpan<Column> arguments, int row) => true;

    protected override State NewState() => new(BuiltinTypes.ElementOf(array.Oid));

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        if (arguments[0].IsNull(row))
            throw new SqlException(SqlState.NullValueNotAllowed, "cannot accumulate null arrays");
        ReadOnlySpan<byte> bytes = ((BinaryColumn)arguments[0])[row];
        var value = new ArrayValue(bytes);
        if (value.Dimensions == 0)
            throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate empty arrays");
        CheckShape(state, ArrayShape.LengthsOf(value), ArrayShape.LowerBoundsOf(value));
        value.AppendElements(state.Array.Elements);
        state.Count++;
        return bytes.Length;
    }

    protected override void MergeState(State state, State added)
    {
        CheckShape(state, added.Shape ?? [], added.LowerBounds);
        Column elements = added.Array.Elements.Build();
        state.Array.Elements.AppendAll(elements);
        state.Count += added.Count;
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context) =>
        state.Array.AppendTo((BinaryColumnBuilder)target, [state.Count, .. state.Shape ?? []], [1,
            .. state.LowerBounds]);

    private static void CheckShape(State state, int[] shape, int[] lowerBounds)
    {
        if (state.Shape is null)
        {
            state.Shape = shape;
            state.LowerBounds = lowerBounds;
        }
        else if (!state.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new SqlException(SqlState.ArraySubscriptError,
                "cannot accumulate arrays of different dimensionality");
        }
    }
}

/// <summary>any_value: the first value that is not null.</summary>
internal sealed class AnyValueAccumulator(PhysicalType type) : StatefulAccumulator<AnyValueAccumulator.State>(type)
{
    internal sealed class State
    {
        public Column? Value;
    }

    protected override State NewState() => new();

    protected override long AddRow(State state, ReadOnlySpan<Column> arguments, int row, EvaluationContext context)
    {
        if (state.Value is not null)
            return 0;
        state.Value = arguments[0].Broadcast(row, 1);
        return arguments[0] is BinaryColumn texts ? texts[row].Length : 0;
    }

    protected override void MergeState(State state, State added)
    {
    }

    protected override void AppendResult(State state, ColumnBuilder target, EvaluationContext context) =>
        target.AppendFrom(state.Value ?? throw new InvalidOperationException("a state without a value"), 0);
}
