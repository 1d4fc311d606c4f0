using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>Replaces an element or a slice of an array. One of one dimension grows, with nulls between.</summary>
internal sealed class ArrayAssignment(uint elementOid, int subscriptCount)
{
    private readonly ArrayBuilder _result = new(elementOid);

    /// <summary>array[i][j] = value; a null array is taken to be empty.</summary>
    internal void Element(Column arrays, int row, int?[] places, Column value, BinaryColumnBuilder target)
    {
        int[] at = Array.ConvertAll(places, static place => place ?? throw new InvariantException("a subscript is missing"));
        ArrayValue array = ArrayOf(arrays, row);
        if (array.Dimensions == 0)
        {
            _result.Elements.AppendFrom(value, row);
            _result.AppendTo(target, Ones(), at);
            return;
        }
        RequireDimensions(array.Dimensions == subscriptCount);
        if (subscriptCount == 1)
        {
            Stretch(array, at[0], at[0], target, _ => _result.Elements.AppendFrom(value, row));
            return;
        }
        int index = array.IndexOf(at);
        if (index < 0)
            throw Error("array subscript out of range");
        for (int i = 0; i < array.Count; i++)
        {
            if (i == index)
                _result.Elements.AppendFrom(value, row);
            else
                array.AppendElement(i, _result.Elements);
        }
        _result.AppendTo(target, ArrayShape.LengthsOf(array), ArrayShape.LowerBoundsOf(array));
    }

    /// <summary>An array without elements.</summary>
    internal void Empty(BinaryColumnBuilder target) => _result.AppendTo(target, [], []);

    /// <summary>array[a:b] = source, whose elements are taken in their order, whatever its shape.</summary>
    internal void Slice(
        Column arrays, int row, int?[] lowers, int?[] uppers, BinaryColumn sources, BinaryColumnBuilder target)
    {
        ArrayValue array = ArrayOf(arrays, row);
        byte[] source = sources[row].ToArray();
        if (array.Dimensions == 0)
        {
            FillEmpty(lowers, uppers, source, target);
            return;
        }
        RequireDimensions(array.Dimensions >= subscriptCount);
        int dimensions = array.Dimensions;
        int[] first = new int[dimensions], last = new int[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            int low = array.LowerBound(i), high = low + array.Length(i) - 1;
            first[i] = i < lowers.Length ? lowers[i] ?? low : low;
            last[i] = i < uppers.Length ? uppers[i] ?? high : high;
            if (first[i] > last[i])
                throw Error("upper bound cannot be less than lower bound");
            if (dimensions > 1 && (first[i] < low || last[i] > high))
                throw Error("array subscript out of range");
        }
        RequireEnough(source, first, last);
        if (dimensions == 1)
        {
            Stretch(array, first[0], last[0], target,
                place => new ArrayValue(source).AppendElement(place - first[0], _result.Elements));
            return;
        }
        int taken = 0;
        int[] at = ArrayShape.LowerBoundsOf(array);
        for (int i = 0; i < array.Count; i++)
        {
            if (IsInside(at, first, last))
                new ArrayValue(source).AppendElement(taken++, _result.Elements);
            else
                array.AppendElement(i, _result.Elements);
            Next(array, at);
        }
        _result.AppendTo(target, ArrayShape.LengthsOf(array), ArrayShape.LowerBoundsOf(array));
    }

    /// <summary>The array over its places and those from first to last, which get new elements.</summary>
    private void Stretch(ArrayValue array, int first, int last, BinaryColumnBuilder target, Action<int> append)
    {
        long low = array.LowerBound(0), high = low + array.Length(0) - 1;
        long start = Math.Min(low, first), end = Math.Max(high, last);
        if (end - start >= ArrayBuilder.CountMax)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded,
                $"array size exceeds the maximum allowed ({ArrayBuilder.CountMax})");
        }
        for (long place = start; place <= end; place++)
        {
            if (place >= first && place <= last)
                append((int)place);
            else if (place >= low && place <= high)
                array.AppendElement((int)(place - low), _result.Elements);
            else
                _result.Elements.AppendNull();
        }
        _result.AppendTo(target, (int)start);
    }

    private void FillEmpty(int?[] lowers, int?[] uppers, byte[] source, BinaryColumnBuilder target)
    {
        int[] first = new int[lowers.Length], last = new int[lowers.Length], lengths = new int[lowers.Length];
        for (int i = 0; i < first.Length; i++)
        {
            if (lowers[i] is not { } lower || uppers[i] is not { } upper)
            {
                throw Error("array slice subscript must provide both boundaries",
                    "When assigning to a slice of an empty array value, slice boundaries must be fully specified.");
            }
            if (lower > upper)
                throw Error("upper bound cannot be less than lower bound");
            (first[i], last[i], lengths[i]) = (lower, upper, upper - lower + 1);
        }
        RequireEnough(source, first, last);
        new ArrayValue(source).AppendElements(0, ArrayBuilder.CheckShape(lengths, first), _result.Elements);
        _result.AppendTo(target, lengths, first);
    }

    private static void RequireEnough(byte[] source, int[] first, int[] last)
    {
        long count = 1;
        for (int i = 0; i < first.Length; i++)
            count *= (long)last[i] - first[i] + 1;
        if (new ArrayValue(source).Count < count)
            throw Error("source array too small");
    }

    private static bool IsInside(int[] at, int[] first, int[] last)
    {
        for (int i = 0; i < at.Length; i++)
        {
            if (at[i] < first[i] || at[i] > last[i])
                return false;
        }
        return true;
    }

    private static void Next(ArrayValue array, int[] at)
    {
        for (int i = at.Length - 1; i >= 0; i--)
        {
            if (++at[i] < array.LowerBound(i) + array.Length(i))
                return;
            at[i] = array.LowerBound(i);
        }
    }

    private ArrayValue ArrayOf(Column arrays, int row)
    {
        if (!arrays.IsNull(row))
            return new ArrayValue(((BinaryColumn)arrays)[row]);
        var empty = new BinaryColumnBuilder(1);
        _result.AppendTo(empty);
        return new ArrayValue(((BinaryColumn)empty.Build())[0]);
    }

    private int[] Ones() => ArrayShape.Ones(subscriptCount);

    private static void RequireDimensions(bool holds)
    {
        if (!holds)
            throw Error("wrong number of array subscripts");
    }

    private static SqlException Error(string message, string? detail = null) =>
        new(SqlState.ArraySubscriptError, message) { Detail = detail };
}
