using System.Buffers.Binary;

namespace VecSQL.Bench.Tpch.Data;

/// <summary>Rows in PostgreSQL's binary COPY format.</summary>
/// <param name="output">Gets pieces of about a megabyte.</param>
internal sealed class CopyWriter(Stream output) : IRowWriter
{
    private const int FlushBytes = 1 << 20, RowBytesMax = 1 << 12, NumericBase = 10_000;

    private static readonly int FirstDay = new DateOnly(2000, 1, 1).DayNumber;

    private readonly byte[] _buffer = new byte[FlushBytes + RowBytesMax];
    private int _length;

    internal void Begin() => Raw([.. "PGCOPY\n"u8, 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);

    internal void End()
    {
        Raw([0xff, 0xff]);
        Flush();
    }

    public void BeginRow(int columnCount) => Int16((short)columnCount);

    public void Integer(int value)
    {
        Int32(4);
        Int32(value);
    }

    /// <remarks>Layout: count of digits to the base of 10,000, exponent of the first, sign, digits shown behind the point, digits.</remarks>
    public void Money(long hundredths)
    {
        (long whole, long rest) = Math.DivRem(Math.Abs(hundredths), 100);
        Span<short> digits = [(short)(whole / NumericBase), (short)(whole % NumericBase), (short)(rest * 100)];
        int first = 0, end = digits.Length;
        while (end > first && digits[end - 1] == 0)
            end--;
        while (first < end && digits[first] == 0)
            first++;
        Int32(8 + (2 * (end - first)));
        Int16((short)(end - first));
        Int16((short)(first == end ? 0 : 1 - first));
        Int16(hundredths < 0 ? (short)0x4000 : (short)0);
        Int16(2);
        foreach (short digit in digits[first..end])
            Int16(digit);
    }

    public void Text(ReadOnlySpan<byte> text)
    {
        Int32(text.Length);
        Raw(text);
    }

    public void Date(DateOnly date) => Integer(date.DayNumber - FirstDay);

    public void EndRow()
    {
        if (_length >= FlushBytes)
            Flush();
    }

    private void Flush()
    {
        output.Write(_buffer, 0, _length);
        _length = 0;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Int16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_buffer.AsSpan(_length), value);
        _length += 2;
    }

    private void Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length), value);
        _length += 4;
    }
}
