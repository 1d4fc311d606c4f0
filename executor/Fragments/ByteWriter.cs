using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Fragments;

/// <summary>Puts values one after the other: numbers in as many bytes as they need, seven bits in each, the least first.</summary>
internal sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);

    internal int Length => _bytes.WrittenCount;

    internal ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    internal void Flag(bool value) => UInt(value ? 1u : 0);

    internal void UInt(ulong value)
    {
        Span<byte> target = _bytes.GetSpan(10);
        int length = 0;
        while (value > 0x7F)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[length++] = (byte)value;
        _bytes.Advance(length);
    }

    /// <summary>A number near zero, of whatever sign, takes few bytes.</summary>
    internal void Int(long value) => UInt((ulong)((value << 1) ^ (value >> 63)));

    internal void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
        _bytes.Advance(sizeof(double));
    }

    internal void Text(string value)
    {
        UInt((ulong)Encoding.UTF8.GetByteCount(value));
        _bytes.Advance(Encoding.UTF8.GetBytes(value, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length))));
    }

    internal void Bytes(ReadOnlySpan<byte> value)
    {
        UInt((ulong)value.Length);
        _bytes.Write(value);
    }

    /// <summary>The first row of a column: its physical type, whether it is null, its bytes.</summary>
    internal void Value(Column column)
    {
        UInt((ulong)column.Type);
        bool isNull = column.IsNull(0);
        Flag(isNull);
        if (isNull)
            return;
        switch (column)
        {
            case BoolColumn value:
                Flag(value[0]);
                break;
            case FixedColumn<short> value:
                Fixed(value[0]);
                break;
            case FixedColumn<int> value:
                Fixed(value[0]);
                break;
            case FixedColumn<long> value:
                Fixed(value[0]);
                break;
            case FixedColumn<float> value:
                Fixed(value[0]);
                break;
            case FixedColumn<double> value:
                Fixed(value[0]);
                break;
            case FixedColumn<Fixed16> value:
                Fixed(value[0]);
                break;
            case BinaryColumn value:
                Bytes(value[0]);
                break;
        }
    }

    private void Fixed<T>(T value) where T : unmanaged
    {
        MemoryMarshal.Write(_bytes.GetSpan(Unsafe.SizeOf<T>()), in value);
        _bytes.Advance(Unsafe.SizeOf<T>());
    }
}
