using System.Buffers.Binary;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Keys;

/// <summary>Fixed-width values as unsigned integers whose order is the values' order and whose equality is theirs.</summary>
/// <remarks>Floats: −0 equals 0, every NaN equals every other and comes last. A null row's word is 0.</remarks>
public static class OrderedWords
{
    /// <summary>Fills the words of a column of up to eight bytes a value, right-aligned to the kind's width.</summary>
    public static void Fill(Column column, KeyKind kind, Span<ulong> words)
    {
        column = column.Expand();
        switch (kind)
        {
            case KeyKind.Bool:
                Bitmap bits = ((BoolColumn)column).Values;
                for (int i = 0; i < words.Length; i++)
                    words[i] = bits[i] ? 1UL : 0;
                break;
            case KeyKind.Int16:
                ReadOnlySpan<short> shorts = ((FixedColumn<short>)column).Values;
                for (int i = 0; i < words.Length; i++)
                    words[i] = (ushort)(shorts[i] ^ short.MinValue);
                break;
            case KeyKind.Int32:
                ReadOnlySpan<int> ints = ((FixedColumn<int>)column).Values;
                for (int i = 0; i < words.Length; i++)
                    words[i] = (uint)(ints[i] ^ int.MinValue);
                break;
            case KeyKind.Int64:
                ReadOnlySpan<long> longs = ((FixedColumn<long>)column).Values;
                for (int i = 0; i < words.Length; i++)
                    words[i] = (ulong)(longs[i] ^ long.MinValue);
                break;
            case KeyKind.Float32:
                ReadOnlySpan<float> floats = ((FixedColumn<float>)column).Values;
                for (int i = 0; i < words.Length; i++)
                    words[i] = Of(floats[i]);
                break;
            case KeyKind.Float64:
                ReadOnlySpan<double> doubles = ((FixedColumn<double>)column).Values;
                for (int i = 0; i < words.Length; i++)
                    words[i] = Of(doubles[i]);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind));
        }
        ClearNulls(column, words);
    }

    /// <summary>Fills the words of a column of sixteen bytes a value.</summary>
    public static void FillWide(Column column, KeyKind kind, Span<UInt128> words)
    {
        column = column.Expand();
        ReadOnlySpan<Fixed16> values = ((FixedColumn<Fixed16>)column).Values;
        for (int i = 0; i < words.Length; i++)
            words[i] = Of(values[i], kind);
        if (!column.HasNulls)
            return;
        for (int i = 0; i < words.Length; i++)
        {
            if (!column.Validity[i])
                words[i] = 0;
        }
    }

    public static uint Of(float value)
    {
        if (float.IsNaN(value))
            return uint.MaxValue;
        int bits = value == 0 ? 0 : BitConverter.SingleToInt32Bits(value);
        return bits < 0 ? ~(uint)bits : (uint)bits | 0x8000_0000;
    }

    public static ulong Of(double value)
    {
        if (double.IsNaN(value))
            return ulong.MaxValue;
        long bits = value == 0 ? 0 : BitConverter.DoubleToInt64Bits(value);
        return bits < 0 ? ~(ulong)bits : (ulong)bits | 0x8000_0000_0000_0000;
    }

    /// <summary>Of an interval, a time with zone, or a uuid.</summary>
    public static UInt128 Of(Fixed16 value, KeyKind kind) => kind switch
    {
        KeyKind.Interval => OfInterval(value),
        KeyKind.TimeTz => OfTimeTz(value),
        _ => new UInt128(
            BinaryPrimitives.ReverseEndianness(value.Low), BinaryPrimitives.ReverseEndianness(value.High)),
    };

    // An interval counts as microseconds, a month as 30 days and a day as 24 hours.
    private static UInt128 OfInterval(Fixed16 value)
    {
        const long DayMicroseconds = 86_400_000_000;
        long days = (int)(value.High & 0xFFFF_FFFF) + ((int)(value.High >> 32) * 30L);
        Int128 span = ((Int128)days * DayMicroseconds) + (long)value.Low;
        return (UInt128)(span - Int128.MinValue);
    }

    // By the moment in UTC, then by the zone.
    private static UInt128 OfTimeTz(Fixed16 value)
    {
        long zone = (long)value.High, moment = (long)value.Low + (zone * 1_000_000);
        return new UInt128((ulong)(moment ^ long.MinValue), (ulong)(zone ^ long.MinValue));
    }

    private static void ClearNulls(Column column, Span<ulong> words)
    {
        if (!column.HasNulls)
            return;
        Bitmap validity = column.Validity;
        for (int i = 0; i < words.Length; i++)
        {
            if (!validity[i])
                words[i] = 0;
        }
    }
}
