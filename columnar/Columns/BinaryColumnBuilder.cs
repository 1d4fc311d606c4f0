using VecSQL.Core.Errors;

namespace VecSQL.Columnar.Columns;

/// <summary>Collects values of any length. A value may be written in place: <see cref="Reserve"/>, then <see cref="Commit"/>.</summary>
public sealed class BinaryColumnBuilder : ColumnBuilder
{
    private const int UnaskedBytes = 1 << 20;

    private byte[] _data;
    private int[] _starts, _lengths;
    private int _used;
    private int _dataWanted, _rowsWanted; // of the column before: the next one is likely to be as large

    public BinaryColumnBuilder(int capacity = 16, int dataCapacity = 256) : base(PhysicalType.Binary)
    {
        _data = GC.AllocateUninitializedArray<byte>(Math.Max(dataCapacity, 16));
        _starts = GC.AllocateUninitializedArray<int>(Math.Max(capacity, 4));
        _lengths = GC.AllocateUninitializedArray<int>(Math.Max(capacity, 4));
    }

    /// <summary>Is asked before the values take more than a mebibyte; null asks nobody.</summary>
    public IValueGrowth? Growth { get; init; }

    /// <summary>How many value bytes were appended since the last <see cref="ColumnBuilder.Build"/>.</summary>
    public int DataLength => _used;

    public override long SizeBytes => _data.Length + (8L * _starts.Length);

    public void Append(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Commit(value.Length);
    }

    /// <summary>Room for a value of at most <paramref name="lengthMax"/> bytes; write it, then call <see cref="Commit"/>.</summary>
    /// <remarks>The span is valid until the next call on this builder; its content is unspecified.</remarks>
    /// <exception cref="SqlException">54000: a column's values together would exceed what an array can hold.</exception>
    public Span<byte> Reserve(long lengthMax)
    {
        long needed = _used + lengthMax;
        if (needed > _data.Length)
            Grow(needed);
        return _data.AsSpan(_used, (int)lengthMax);
    }

    /// <summary>Ends the value begun by <see cref="Reserve"/> at <paramref name="length"/> bytes.</summary>
    public void Commit(int length)
    {
        Room();
        _starts[Length] = _used;
        _lengths[Length] = length;
        _used += length;
        MarkValid();
    }

    public override void AppendNull()
    {
        Room();
        _starts[Length] = _used;
        _lengths[Length] = 0;
        MarkNull();
    }

    public override void AppendFrom(Column source, int row)
    {
        if (source.IsNull(row))
            AppendNull();
        else
            Append(((BinaryColumn)source)[row]);
    }

    private protected override Column Finish(int length, Bitmap validity)
    {
        BinaryColumn column = new(ColumnBuffer.Wrap(_data, _used), ColumnBuffer.Wrap(_starts, length),
            ColumnBuffer.Wrap(_lengths, length), length, validity);
        _dataWanted = Math.Max(256, (int)Math.Min(Array.MaxLength, _used + (_used / 16L)));
        (_data, _starts, _lengths, _used, _rowsWanted) = ([], [], [], 0, Math.Max(16, length));
        return column;
    }

    private void Grow(long needed)
    {
        if (needed > Array.MaxLength)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded, "values are too large to be handled together")
            {
                Detail = $"{Length + 1} values of one column have {needed} bytes; the limit is {Array.MaxLength}.",
            };
        }
        long size = Math.Max(_data.Length == 0 ? _dataWanted : _data.Length * 2L, needed);
        size = Math.Min(Array.MaxLength, size);
        if (size > UnaskedBytes)
            Growth?.Grow(_data.Length > UnaskedBytes ? _data.Length : 0, size, Length);
        byte[] grown = GC.AllocateUninitializedArray<byte>((int)size);
        _data.AsSpan(0, _used).CopyTo(grown);
        _data = grown;
    }

    private void Room()
    {
        if (Length < _starts.Length)
            return;
        int size = _starts.Length == 0 ? _rowsWanted : _starts.Length * 2;
        Array.Resize(ref _starts, size);
        Array.Resize(ref _lengths, size);
    }
}
