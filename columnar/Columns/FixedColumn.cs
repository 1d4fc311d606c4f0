namespace VecSQL.Columnar.Columns;

/// <summary>Values of one fixed width: <c>short</c>, <c>int</c>, <c>long</c>, <c>float</c>, <c>double</c> or <see cref="Fixed16"/>.</summary>
public sealed class FixedColumn<T> : Column where T : unmanaged
{
    private readonly ColumnBuffer _values;

    /// <summary>Takes the array over without copying.</summary>
    public FixedColumn(T[] values, Bitmap validity = default) : this(values, values.Length, validity)
    {
    }

    /// <summary>Takes the first <paramref name="length"/> values of the array over without copying.</summary>
    public FixedColumn(T[] values, int length, Bitmap validity = default)
        : this(ColumnBuffer.Wrap(values, length), length, validity, isConstant: false)
    {
    }

    public FixedColumn(ColumnBuffer values, int length, Bitmap validity = default)
        : this(values, length, validity, isConstant: false)
    {
    }

    private FixedColumn(ColumnBuffer values, int length, Bitmap validity, bool isConstant)
        : base(PhysicalOf(), length, validity, isConstant) => _values = values;

    /// <summary>The stored values: one a row, or a single one in a constant column. A null row's value is unspecified.</summary>
    public ReadOnlySpan<T> Values => _values.As<T>();

    public T this[int row] => _values.As<T>()[row & RowMask];

    public ColumnBuffer Buffer => _values;

    public static FixedColumn<T> Constant(T value, int length, Bitmap validity = default) =>
        new(ColumnBuffer.Wrap(new[] { value }), length, validity, isConstant: true);

    public override Column WithLength(int length) => length == Length
        ? this
        : IsConstant
            ? new FixedColumn<T>(_values, length, Validity, isConstant: true)
            : throw new InvalidOperationException("only a constant column changes its length");

    public override Column Take(ReadOnlySpan<int> rows)
    {
        if (IsConstant)
            return WithLength(rows.Length);
        ReadOnlySpan<T> source = Values;
        T[] target = GC.AllocateUninitializedArray<T>(rows.Length);
        for (int i = 0; i < rows.Length; i++)
            target[i] = source[rows[i]];
        return new FixedColumn<T>(target, Validity.Take(rows));
    }

    public override unsafe Column Slice(int start, int count) => IsConstant
        ? WithLength(count)
        : new FixedColumn<T>(_values.Slice(start * sizeof(T), count * sizeof(T)), count, Validity.Slice(start, count));

    public override Column Expand()
    {
        if (!IsConstant)
            return this;
        T[] target = GC.AllocateUninitializedArray<T>(Length);
        Array.Fill(target, Values[0]);
        return new FixedColumn<T>(target, HasNulls ? Bitmap.Filled(Length, Validity[0]) : default);
    }

    private static PhysicalType PhysicalOf() =>
        typeof(T) == typeof(short) ? PhysicalType.Int16
        : typeof(T) == typeof(int) ? PhysicalType.Int32
        : typeof(T) == typeof(long) ? PhysicalType.Int64
        : typeof(T) == typeof(float) ? PhysicalType.Float32
        : typeof(T) == typeof(double) ? PhysicalType.Float64
        : typeof(T) == typeof(Fixed16) ? PhysicalType.Fixed16
        : throw new NotSupportedException($"no column of {typeof(T).Name}");
}
