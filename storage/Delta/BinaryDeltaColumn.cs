using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Delta;

/// <summary>Values of any length, one after the other; vectors of known dimensions at a fixed stride.</summary>
/// <param name="strideBytes">Bytes of every value, so that a null takes as many zeros; 0 where lengths vary.</param>
internal sealed class BinaryDeltaColumn(int strideBytes) : DeltaColumn(PhysicalType.Binary)
{
    private byte[] _data = new byte[64];
    private int[] _starts = new int[8], _lengths = new int[8];
    private int _used, _stride = strideBytes;

    public override long SizeBytes => _data.Length + (8L * _starts.Length) + ValidityBytes;

    public override int StrideBytes => _stride;

    public override Column Read(int count) => new BinaryColumn(
        ColumnBuffer.Wrap(Volatile.Read(ref _data)), ColumnBuffer.Wrap(Volatile.Read(ref _starts), count),
        ColumnBuffer.Wrap(Volatile.Read(ref _lengths), count), count, Validity(count));

    public override ColumnBuffer ReadRun(int count, int stride) =>
        ColumnBuffer.Wrap(Volatile.Read(ref _data), count * stride);

    public override void Truncate(int count)
    {
        base.Truncate(count);
        _used = count == 0 ? 0 : _starts[count - 1] + Math.Max(_lengths[count - 1], StrideBytes);
    }

    protected override void AppendValues(int at, Column source, int start, int count)
    {
        BinaryColumn typed = (BinaryColumn)source;
        int bytes = 0;
        for (int i = 0; i < count; i++)
        {
            int length = typed[start + i].Length;
            if (StrideBytes > 0 && length != StrideBytes && !source.IsNull(start + i))
                _stride = 0; // a value of another length; rows no longer lie at a stride
            bytes = checked(bytes + Math.Max(length, StrideBytes));
        }
        byte[] data = Grown(_data, _used, checked(_used + bytes));
        int[] starts = Grown(_starts, at, at + count), lengths = Grown(_lengths, at, at + count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> value = typed[start + i];
            starts[at + i] = _used;
            if (source.IsNull(start + i))
            {
                data.AsSpan(_used, StrideBytes).Clear();
                lengths[at + i] = 0;
                _used += StrideBytes;
                continue;
            }
            value.CopyTo(data.AsSpan(_used));
            lengths[at + i] = value.Length;
            _used += value.Length;
        }
        Volatile.Write(ref _data, data);
        Volatile.Write(ref _starts, starts);
        Volatile.Write(ref _lengths, lengths);
    }
}
