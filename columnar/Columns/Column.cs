namespace VecSQL.Columnar.Columns;

/// <summary>A run of values of one physical type, some of which may be null. Immutable.</summary>
/// <remarks>
/// Constant columns store one value for all rows (<see cref="IsConstant"/>): literals, parameters and their foldings. Code that
/// reads row by row indexes with <c>row &amp; RowMask</c>; code that wants a span per row calls <see cref="Expand"/> first.
/// Threads: any, since nothing changes after construction.
/// </remarks>
public abstract class Column
{
    private protected Column(PhysicalType type, int length, Bitmap validity, bool isConstant)
    {
        Type = type;
        Length = length;
        Validity = validity;
        IsConstant = isConstant;
        RowMask = isConstant ? 0 : -1;
    }

    public PhysicalType Type { get; }

    /// <summary>How many rows; a constant column has this many equal rows.</summary>
    public int Length { get; }

    /// <summary>A set bit is a value, a clear bit a null; absent where nothing is null. One bit long in a constant column.</summary>
    public Bitmap Validity { get; }

    public bool IsConstant { get; }

    /// <summary>0 in a constant column, else all ones: <c>row &amp; RowMask</c> is where a row's value is stored.</summary>
    public int RowMask { get; }

    public bool HasNulls => !Validity.IsAbsent;

    public bool IsNull(int row) => !Validity.IsAbsent && !Validity[row & RowMask];

    /// <summary>The same constant for another number of rows; only for constant columns or <c>length == Length</c>.</summary>
    public abstract Column WithLength(int length);

    /// <summary>The rows with these numbers, in that order. A constant column stays constant.</summary>
    public abstract Column Take(ReadOnlySpan<int> rows);

    /// <summary>Rows <paramref name="start"/> to <c>start + count</c>, without copying values where the layout allows.</summary>
    public abstract Column Slice(int start, int count);

    /// <summary>A column that stores every row: itself unless it is constant.</summary>
    public abstract Column Expand();

    /// <summary>A constant column of one row's value.</summary>
    public Column Broadcast(int row, int length)
    {
        if (IsConstant)
            return WithLength(length);
        if (IsNull(row))
            return Nulls(Type, length);
        return this switch
        {
            BoolColumn bits => BoolColumn.Constant(bits[row], length),
            FixedColumn<short> values => FixedColumn<short>.Constant(values[row], length),
            FixedColumn<int> values => FixedColumn<int>.Constant(values[row], length),
            FixedColumn<long> values => FixedColumn<long>.Constant(values[row], length),
            FixedColumn<float> values => FixedColumn<float>.Constant(values[row], length),
            FixedColumn<double> values => FixedColumn<double>.Constant(values[row], length),
            FixedColumn<Fixed16> values => FixedColumn<Fixed16>.Constant(values[row], length),
            BinaryColumn values => values.ConstantOf(row, length),
            _ => throw new InvalidOperationException($"no constant of {Type}"),
        };
    }

    /// <summary>A constant column of nulls.</summary>
    public static Column Nulls(PhysicalType type, int length)
    {
        Bitmap none = new(new ulong[1], 1);
        return type switch
        {
            PhysicalType.Bool => new BoolColumn(new Bitmap(new ulong[1], 1), length, none, isConstant: true),
            PhysicalType.Int16 => FixedColumn<short>.Constant(0, length, none),
            PhysicalType.Int32 => FixedColumn<int>.Constant(0, length, none),
            PhysicalType.Int64 => FixedColumn<long>.Constant(0, length, none),
            PhysicalType.Float32 => FixedColumn<float>.Constant(0, length, none),
            PhysicalType.Float64 => FixedColumn<double>.Constant(0, length, none),
            PhysicalType.Fixed16 => FixedColumn<Fixed16>.Constant(default, length, none),
            PhysicalType.Binary => BinaryColumn.Constant(default, length, none),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
    }
}
