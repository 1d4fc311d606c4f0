using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Kernels;

/// <summary>64-bit hashes of rows, column by column.</summary>
/// <remarks>
/// Equal:  integers of any width hash by value; floats by value, −0 like 0 and every NaN alike; bytes by content. Types
///         whose equal values may differ in bytes (numeric, bpchar, interval …) must be brought to one form before.
/// Stable: the results are kept in files. A change here is a change of format.
/// Cost:   one 64 × 64 bit multiplication a value, and one for every 8 bytes of a binary value.
/// </remarks>
public static class ColumnHash
{
    /// <summary>What a row's hash begins with.</summary>
    public const ulong Seed = 0x9E3779B97F4A7C15;

    private const ulong First = 0xA0761D6478BD642F, Second = 0xE7037ED1A0B428DB, NullMark = 0x8EBC6AF09C88C6E3;

    /// <summary>Begins the hashes of as many rows.</summary>
    public static void Start(Span<ulong> hashes) => hashes.Fill(Seed);

    /// <summary>Adds a column's values to the hashes of its rows.</summary>
    public static void Add(Column column, Span<ulong> hashes)
    {
        if (hashes.Length != column.Length)
            throw new ArgumentException($"{hashes.Length} hashes for {column.Length} rows", nameof(hashes));
        switch (column.Expand())
        {
            case BoolColumn bools:
                for (int row = 0; row < hashes.Length; row++)
                    hashes[row] = Mix(hashes[row], bools[row] ? 1UL : 0UL, column, row);
                break;
            case FixedColumn<short> values:
                AddEach<short, Integers16>(column, values.Values, hashes);
                break;
            case FixedColumn<int> values:
                AddEach<int, Integers32>(column, values.Values, hashes);
                break;
            case FixedColumn<long> values:
                AddEach<long, Integers64>(column, values.Values, hashes);
                break;
            case FixedColumn<float> values:
                AddEach<float, Singles>(column, values.Values, hashes);
                break;
            case FixedColumn<double> values:
                AddEach<double, Doubles>(column, values.Values, hashes);
                break;
            case FixedColumn<Fixed16> values:
                AddEach<Fixed16, Pairs>(column, values.Values, hashes);
                break;
            case BinaryColumn values:
                for (int row = 0; row < hashes.Length; row++)
                    hashes[row] = Mix(hashes[row], values.IsNull(row) ? 0 : OfBytes(values[row]), column, row);
                break;
        }
    }

    /// <summary>The hash with one more value, given as its own hash.</summary>
    public static ulong Combine(ulong hash, ulong value) => Fold(hash ^ First, value ^ Second);

    /// <summary>The hash with a null.</summary>
    public static ulong CombineNull(ulong hash) => Fold(hash ^ First, NullMark);

    public static ulong OfBytes(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length ^ Seed;
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Fold(hash ^ MemoryMarshal.Read<ulong>(bytes), First);
            bytes = bytes[sizeof(ulong)..];
        }
        ulong rest = 0;
        for (int i = 0; i < bytes.Length; i++)
            rest |= (ulong)bytes[i] << (8 * i);
        return Fold(hash ^ rest, Second);
    }

    public static ulong OfDouble(double value) => (ulong)BitConverter.DoubleToInt64Bits(
        value == 0 ? 0 : double.IsNaN(value) ? double.NaN : value);

    private static void AddEach<T, TBits>(Column column, ReadOnlySpan<T> values, Span<ulong> hashes)
        where T : unmanaged where TBits : struct, IBits<T>
    {
        if (!column.HasNulls)
        {
            for (int row = 0; row < hashes.Length; row++)
                hashes[row] = Combine(hashes[row], TBits.Of(values[row]));
            return;
        }
        for (int row = 0; row < hashes.Length; row++)
            hashes[row] = Mix(hashes[row], TBits.Of(values[row]), column, row);
    }

    private static ulong Mix(ulong hash, ulong value, Column column, int row) =>
        column.IsNull(row) ? CombineNull(hash) : Combine(hash, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong x, ulong y)
    {
        ulong high = Math.BigMul(x, y, out ulong low);
        return high ^ low;
    }

    private interface IBits<T>
    {
        static abstract ulong Of(T value);
    }

    private readonly struct Integers16 : IBits<short>
    {
        public static ulong Of(short value) => (ulong)(long)value;
    }

    private readonly struct Integers32 : IBits<int>
    {
        public static ulong Of(int value) => (ulong)(long)value;
    }

    private readonly struct Integers64 : IBits<long>
    {
        public static ulong Of(long value) => (ulong)value;
    }

    private readonly struct Singles : IBits<float>
    {
        public static ulong Of(float value) => OfDouble(value);
    }

    private readonly struct Doubles : IBits<double>
    {
        public static ulong Of(double value) => OfDouble(value);
    }

    private readonly struct Pairs : IBits<Fixed16>
    {
        public static ulong Of(Fixed16 value) => Fold(value.Low ^ First, value.High ^ Second);
    }
}
