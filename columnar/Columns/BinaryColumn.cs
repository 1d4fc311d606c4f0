namespace VecSQL.Columnar.Columns;

/// <summary>Values of any length, as slices of one data buffer.</summary>
/// <remarks>
/// Layout: Arrow's list-view: a start and a length per row into shared bytes, in any order. Taking or slicing rows therefore
/// copies no value bytes; a column that must outlive its source's data is rebuilt through <see cref="BinaryColumnBuilder"/>.
/// A column may instead be made of values in a <see cref="ValueForm"/> of their own, and has bytes from when they are first asked for.
/// </remarks>
public sealed class BinaryColumn : Column
{
    private readonly ValueForm? _form;
    private ListView? _view; // made when first asked for where there is a form; two threads may both make it

    public BinaryColumn(ColumnBuffer data, ColumnBuffer starts, ColumnBuffer lengths, int length, Bitmap validity = default)
        : this(data, starts, lengths, length, validity, isConstant: false)
    {
    }

    private BinaryColumn(
        ColumnBuffer data, ColumnBuffer starts, ColumnBuffer lengths, int length, Bitmap validity, bool isConstant)
        : base(PhysicalType.Binary, length, validity, isConstant)
    {
        _view = new ListView(data, starts, lengths);
    }

    /// <param name="form">A value a row, of null rows any; or a single one for a constant column.</param>
    public BinaryColumn(ValueForm form, int length, Bitmap validity = default, bool isConstant = false)
        : base(PhysicalType.Binary, length, validity, isConstant) => _form = form;

    /// <summary>The values before they are bytes; null where they have always been.</summary>
    public ValueForm? Form => _form;

    private ListView View => _view ??= (_form ?? throw new InvalidOperationException("a column of nothing"))
        .ToBytes(IsConstant ? 1 : Length, Validity);

    /// <summary>The bytes of a row's value; empty for a null row.</summary>
    public ReadOnlySpan<byte> this[int row]
    {
        get
        {
            int at = row & RowMask;
            ListView view = View;
            return view.Data.Bytes.Slice(view.Starts.As<int>()[at], view.Lengths.As<int>()[at]);
        }
    }

    public ReadOnlySpan<byte> Data => View.Data.Bytes;

    public ReadOnlySpan<int> Starts => View.Starts.As<int>();

    public ReadOnlySpan<int> Lengths => View.Lengths.As<int>();

    public ColumnBuffer DataBuffer => View.Data;

    /// <summary>All values as one run of bytes, where they lie one after the other and none is null.</summary>
    public bool TryReadWhole(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (HasNulls || IsConstant)
            return false;
        if (Length == 0)
            return true;
        ReadOnlySpan<int> starts = Starts, lengths = Lengths;
        int end = starts[0];
        for (int row = 0; row < Length; row++)
        {
            if (starts[row] != end)
                return false;
            end += lengths[row];
        }
        bytes = Data[starts[0]..end];
        return true;
    }

    public static BinaryColumn Constant(ReadOnlySpan<byte> value, int length, Bitmap validity = default) =>
        new(ColumnBuffer.Wrap(value.ToArray()), ColumnBuffer.Wrap(new int[1]), ColumnBuffer.Wrap(new[] { value.Length }),
            length, validity, isConstant: true);

    /// <summary>A row's value as a constant. A copy, unless the value is most of what the data buffer holds.</summary>
    internal BinaryColumn ConstantOf(int row, int length) => Lengths[row] < DataBuffer.LengthBytes / 2
        ? Constant(this[row], length)
        : new BinaryColumn(View.Data, View.Starts.Slice(row * sizeof(int), sizeof(int)),
            View.Lengths.Slice(row * sizeof(int), sizeof(int)), length, default, isConstant: true);

    /// <summary>Rows of equal length, one after the other, as in Arrow's FixedSizeList or FixedSizeBinary.</summary>
    public static BinaryColumn FixedStride(ColumnBuffer data, int strideBytes, int length, Bitmap validity = default)
    {
        int[] starts = GC.AllocateUninitializedArray<int>(length), lengths = GC.AllocateUninitializedArray<int>(length);
        for (int i = 0; i < length; i++)
            starts[i] = i * strideBytes;
        Array.Fill(lengths, strideBytes);
        return new BinaryColumn(data, ColumnBuffer.Wrap(starts), ColumnBuffer.Wrap(lengths), length, validity);
    }

    /// <summary>Rows as in Arrow's Binary: row i lies between <c>offsets[i]</c> and <c>offsets[i + 1]</c>.</summary>
    public static BinaryColumn FromOffsets(ColumnBuffer data, ColumnBuffer offsets, int length, Bitmap validity = default)
    {
        ReadOnlySpan<int> ends = offsets.As<int>();
        int[] lengths = GC.AllocateUninitializedArray<int>(length);
        for (int i = 0; i < length; i++)
            lengths[i] = ends[i + 1] - ends[i];
        return new BinaryColumn(
            data, offsets.Slice(0, length * sizeof(int)), ColumnBuffer.Wrap(lengths), length, validity);
    }

    public override Column WithLength(int length) => length == Length
        ? this
        : IsConstant
            ? _form is null
                ? new BinaryColumn(View.Data, View.Starts, View.Lengths, length, Validity, isConstant: true)
                : new BinaryColumn(_form, length, Validity, isConstant: true)
            : throw new InvalidOperationException("only a constant column changes its length");

    public override Column Take(ReadOnlySpan<int> rows)
    {
        if (IsConstant)
            return WithLength(rows.Length);
        if (_form is not null)
            return new BinaryColumn(_form.Take(rows), rows.Length, Validity.Take(rows));
        ReadOnlySpan<int> sourceStarts = Starts, sourceLengths = Lengths;
        int[] starts = GC.AllocateUninitializedArray<int>(rows.Length);
        int[] lengths = GC.AllocateUninitializedArray<int>(rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            starts[i] = sourceStarts[rows[i]];
            lengths[i] = sourceLengths[rows[i]];
        }
        return new BinaryColumn(
            DataBuffer, ColumnBuffer.Wrap(starts), ColumnBuffer.Wrap(lengths), rows.Length, Validity.Take(rows));
    }

    public override Column Slice(int start, int count) => IsConstant
        ? WithLength(count)
        : _form is null
            ? new BinaryColumn(View.Data, View.Starts.Slice(start * sizeof(int), count * sizeof(int)),
                View.Lengths.Slice(start * sizeof(int), count * sizeof(int)), count, Validity.Slice(start, count))
            : new BinaryColumn(_form.Slice(start, count), count, Validity.Slice(start, count));

    public override Column Expand()
    {
        if (!IsConstant)
            return this;
        int[] starts = GC.AllocateUninitializedArray<int>(Length), lengths = GC.AllocateUninitializedArray<int>(Length);
        Array.Fill(starts, Starts[0]); // anywhere in the data, where the value is one of several
        Array.Fill(lengths, Lengths[0]);
        return new BinaryColumn(DataBuffer, ColumnBuffer.Wrap(starts), ColumnBuffer.Wrap(lengths), Length,
            HasNulls ? Bitmap.Filled(Length, Validity[0]) : default);
    }
}
