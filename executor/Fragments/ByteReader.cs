using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Fragments;

/// <summary>Reads what <see cref="ByteWriter"/> has written, and believes none of it.</summary>
/// <exception cref="InvalidDataException">From every member: the bytes are nothing that was written so.</exception>
internal sealed class ByteReader(ReadOnlyMemory<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlyMemory<byte> _rest = bytes;

    internal int RestLength => _rest.Length;

    internal bool Flag() => UInt() switch
    {
        0 => false,
        1 => true,
        _ => throw Wrong("neither yes nor no"),
    };

    internal ulong UInt()
    {
        ReadOnlySpan<byte> rest = _rest.Span;
        ulong value = 0;
        for (int i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] > 0x7F)
                continue;
            _rest = _rest[(i + 1)..];
            return value;
        }
        throw Wrong("a number without an end");
    }

    internal uint UInt32() => UInt() is var value and <= uint.MaxValue ? (uint)value : throw Wrong("a number that is too large");

    internal long Int()
    {
        ulong value = UInt();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    internal int Int32() => Int() is var value and >= int.MinValue and <= int.MaxValue ? (int)value : throw Wrong("a number that is too large");

    internal double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)).Span);

    /// <summary>How many things follow, of which each takes a byte at least.</summary>
    internal int Count() => UInt() is var count && count <= (ulong)_rest.Length ? (int)count : throw Wrong("more than there is");

    internal string Text()
    {
        try
        {
            return Strict.GetString(Bytes().Span);
        }
        catch (DecoderFallbackException)
        {
            throw Wrong("a text that is none");
        }
    }

    internal ReadOnlyMemory<byte> Bytes() => Take(Count());

    internal Column Value()
    {
        ulong type = UInt();
        if (type > (ulong)PhysicalType.Binary)
            throw Wrong($"a value of type {type}");
        if (Flag())
            return Column.Nulls((PhysicalType)type, 1);
        return (PhysicalType)type switch
        {
            PhysicalType.Bool => BoolColumn.Constant(Flag(), 1),
            PhysicalType.Int16 => FixedColumn<short>.Constant(Fixed<short>(), 1),
            PhysicalType.Int32 => FixedColumn<int>.Constant(Fixed<int>(), 1),
            PhysicalType.Int64 => FixedColumn<long>.Constant(Fixed<long>(), 1),
            PhysicalType.Float32 => FixedColumn<float>.Constant(Fixed<float>(), 1),
            PhysicalType.Float64 => FixedColumn<double>.Constant(Fixed<double>(), 1),
            PhysicalType.Fixed16 => FixedColumn<Fixed16>.Constant(Fixed<Fixed16>(), 1),
            _ => BinaryColumn.Constant(Bytes().Span, 1),
        };
    }

    internal void ExpectEnd()
    {
        if (!_rest.IsEmpty)
            throw Wrong($"{_rest.Length} bytes too many");
    }

    internal static InvalidDataException Wrong(string what) => new($"a fragment of a plan has {what}");

    private T Fixed<T>() where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()).Span);

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > _rest.Length)
            throw Wrong("an end too early");
        ReadOnlyMemory<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
