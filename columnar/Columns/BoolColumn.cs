namespace VecSQL.Columnar.Columns;

/// <summary>Truth values, one bit each.</summary>
public sealed class BoolColumn : Column
{
    public BoolColumn(Bitmap values, Bitmap validity = default) : this(values, values.Length, validity, isConstant: false)
    {
    }

    internal BoolColumn(Bitmap values, int length, Bitmap validity, bool isConstant)
        : base(PhysicalType.Bool, length, validity, isConstant) => Values = values;

    /// <summary>The bits; the bit of a null row is unspecified.</summary>
    public Bitmap Values { get; }

    public bool this[int row] => Values[row & RowMask];

    public static BoolColumn Constant(bool value, int length) =>
        new(new Bitmap([value ? 1UL : 0UL], 1), length, default, isConstant: true);

    public override Column WithLength(int length) => length == Length
        ? this
        : IsConstant
            ? new BoolColumn(Values, length, Validity, isConstant: true)
            : throw new InvalidOperationException("only a constant column changes its length");

    public override Column Take(ReadOnlySpan<int> rows) => IsConstant
        ? WithLength(rows.Length)
        : new BoolColumn(Values.Take(rows), Validity.Take(rows));

    public override Column Slice(int start, int count) => IsConstant
        ? WithLength(count)
        : new BoolColumn(Values.Slice(start, count), Validity.Slice(start, count));

    public override Column Expand() => !IsConstant
        ? this
        : new BoolColumn(Bitmap.Filled(Length, Values[0]), HasNulls ? Bitmap.Filled(Length, Validity[0]) : default);
}
