using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>Arrays of one shape, collected into an array of one dimension more.</summary>
internal sealed class ArrayNesting(uint elementOid)
{
    private readonly ArrayBuilder _elements = new(elementOid);
    private int[]? _lengths;
    private int[] _lowerBounds = [];
    private int _count;

    /// <exception cref="SqlException">22004 null, 2202E empty or of another shape than the first.</exception>
    internal void Add(Column arrays, int row)
    {
        if (arrays.IsNull(row))
            throw new SqlException(SqlState.NullValueNotAllowed, "cannot accumulate null arrays");
        var array = new ArrayValue(((BinaryColumn)arrays)[row]);
        if (_lengths is null)
            TakeShape(array);
        else if (!HasShape(array, _lengths))
            throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate arrays of different dimensionality");
        array.AppendElements(_elements.Elements);
        _count++;
    }

    internal void AppendTo(BinaryColumnBuilder target)
    {
        if (_lengths is null)
            _elements.AppendTo(target);
        else
            _elements.AppendTo(target, [_count, .. _lengths], [1, .. _lowerBounds]);
    }

    private void TakeShape(ArrayValue array)
    {
        if (array.Dimensions == 0)
            throw new SqlException(SqlState.ArraySubscriptError, "cannot accumulate empty arrays");
        if (array.Dimensions == ArrayValue.DimensionsMax)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded,
                $"number of array dimensions ({array.Dimensions + 1}) exceeds the maximum allowed ({ArrayValue.DimensionsMax})");
        }
        _lengths = new int[array.Dimensions];
        _lowerBounds = new int[array.Dimensions];
        for (int i = 0; i < _lengths.Length; i++)
            (_lengths[i], _lowerBounds[i]) = (array.Length(i), array.LowerBound(i));
    }

    private bool HasShape(ArrayValue array, int[] lengths)
    {
        if (array.Dimensions != lengths.Length)
            return false;
        for (int i = 0; i < lengths.Length; i++)
        {
            if (array.Length(i) != lengths[i] || array.LowerBound(i) != _lowerBounds[i])
                return false;
        }
        return true;
    }
}
