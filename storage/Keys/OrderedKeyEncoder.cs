using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Keys;

/// <summary>One column of a key and how it sorts.</summary>
public readonly record struct KeyOrder(KeyKind Kind, bool IsDescending = false, bool NullsFirst = false);

/// <summary>Turns rows of key columns into bytes that memcmp orders as ORDER BY orders the rows; equal keys have equal bytes.</summary>
/// <remarks>
/// Layout: each column a null marker, then the value: fixed widths big-endian with the sign turned; text with zero bytes
/// escaped and two zeros behind it; composite values as <see cref="CompositeKeys"/> writes them. Descending values have all bits turned.
/// </remarks>
public sealed class OrderedKeyEncoder(KeyOrder[] keys)
{
    private const byte Value = 1;

    /// <summary>Bytes of every key where all columns are fixed; 0 otherwise.</summary>
    public int StrideBytes { get; } = FixedStride(keys);

    public static OrderedKeyEncoder ForEquality(ReadOnlySpan<KeyKind> kinds)
    {
        var keys = new KeyOrder[kinds.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = new KeyOrder(kinds[i]);
        return new OrderedKeyEncoder(keys);
    }

    /// <summary>Appends the keys of the rows.</summary>
    public void Append(ReadOnlySpan<Column> columns, int rowCount, KeyBuffer target)
    {
        int[] cursors = ArrayPool<int>.Shared.Rent(Math.Max(rowCount, 1));
        var sources = new Column[columns.Length];
        Span<int> lengths = cursors.AsSpan(0, rowCount);
        lengths.Clear();
        for (int i = 0; i < columns.Length; i++)
        {
            sources[i] = CompositeKeys.Flatten(columns[i], keys[i].Kind).Expand();
            AddLengths(sources[i], keys[i].Kind, lengths);
        }
        int first = target.Add(lengths);
        for (int row = 0; row < rowCount; row++)
            lengths[row] = target.StartOf(first + row);
        for (int i = 0; i < columns.Length; i++)
            Write(sources[i], keys[i], target.Data, lengths);
        ArrayPool<int>.Shared.Return(cursors);
    }

    private static int FixedStride(KeyOrder[] keys)
    {
        int stride = 0;
        foreach (KeyOrder key in keys)
        {
            int width = KeyKinds.WidthBytes(key.Kind);
            if (width == 0)
                return 0;
            stride += 1 + width;
        }
        return stride;
    }

    private static void AddLengths(Column column, KeyKind kind, Span<int> lengths)
    {
        int width = KeyKinds.WidthBytes(kind);
        if (width > 0)
        {
            for (int row = 0; row < lengths.Length; row++)
                lengths[row] += 1 + width;
            return;
        }
        var values = (BinaryColumn)column;
        bool isEscaped = IsEscaped(kind);
        for (int row = 0; row < lengths.Length; row++)
        {
            if (values.IsNull(row))
            {
                lengths[row]++;
                continue;
            }
            ReadOnlySpan<byte> value = Trimmed(values[row], kind);
            lengths[row] += 1 + value.Length + (isEscaped ? 2 + value.Count((byte)0) : 0);
        }
    }

    private static bool IsEscaped(KeyKind kind) => kind is KeyKind.Bytes or KeyKind.BlankPadded;

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> value, KeyKind kind) =>
        kind == KeyKind.BlankPadded ? value.TrimEnd((byte)' ') : value;

    private static void Write(Column column, KeyOrder order, byte[] data, Span<int> cursors)
    {
        byte nullMarker = order.NullsFirst ? (byte)0 : (byte)2;
        int width = KeyKinds.WidthBytes(order.Kind);
        if (width == 16)
            WriteWide(column, order, nullMarker, data, cursors);
        else if (width > 0)
            WriteNarrow(column, order, nullMarker, width, data, cursors);
        else
            WriteBinary((BinaryColumn)column, order, nullMarker, data, cursors);
    }

    private static void WriteNarrow(
        Column column, KeyOrder order, byte nullMarker, int width, byte[] data, Span<int> cursors)
    {
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(Math.Max(cursors.Length, 1));
        Span<ulong> words = rented.AsSpan(0, cursors.Length);
        OrderedWords.Fill(column, order.Kind, words);
        ulong turn = order.IsDescending ? ulong.MaxValue : 0;
        for (int row = 0; row < words.Length; row++)
        {
            Span<byte> target = data.AsSpan(cursors[row], 1 + width);
            cursors[row] += 1 + width;
            bool isNull = column.IsNull(row);
            ulong word = isNull ? 0 : words[row] ^ turn;
            target[0] = isNull ? nullMarker : Value;
            switch (width)
            {
                case 1:
                    target[1] = (byte)word;
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt16BigEndian(target[1..], (ushort)word);
                    break;
                case 4:
                    BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)word);
                    break;
                default:
                    BinaryPrimitives.WriteUInt64BigEndian(target[1..], word);
                    break;
            }
        }
        ArrayPool<ulong>.Shared.Return(rented);
    }

    private static void WriteWide(Column column, KeyOrder order, byte nullMarker, byte[] data, Span<int> cursors)
    {
        UInt128[] rented = ArrayPool<UInt128>.Shared.Rent(Math.Max(cursors.Length, 1));
        Span<UInt128> words = rented.AsSpan(0, cursors.Length);
        OrderedWords.FillWide(column, order.Kind, words);
        for (int row = 0; row < words.Length; row++)
        {
            bool isNull = column.IsNull(row);
            data[cursors[row]] = isNull ? nullMarker : Value;
            UInt128 word = isNull ? 0 : order.IsDescending ? ~words[row] : words[row];
            BinaryPrimitives.WriteUInt128BigEndian(data.AsSpan(cursors[row] + 1, 16), word);
            cursors[row] += 17;
        }
        ArrayPool<UInt128>.Shared.Return(rented);
    }

    private static void WriteBinary(
        BinaryColumn column, KeyOrder order, byte nullMarker, byte[] data, Span<int> cursors)
    {
        bool isEscaped = IsEscaped(order.Kind);
        for (int row = 0; row < cursors.Length; row++)
        {
            int at = cursors[row];
            if (column.IsNull(row))
            {
                data[at] = nullMarker;
                cursors[row] = at + 1;
                continue;
            }
            data[at++] = Value;
            int start = at;
            ReadOnlySpan<byte> value = Trimmed(column[row], order.Kind);
            at += isEscaped ? WriteEscaped(value, data.AsSpan(at)) : Copy(value, data.AsSpan(at));
            if (order.IsDescending)
                Turn(data.AsSpan(start, at - start));
            cursors[row] = at;
        }
    }

    private static int Copy(ReadOnlySpan<byte> value, Span<byte> target)
    {
        value.CopyTo(target);
        return value.Length;
    }

    /// <summary>Zero becomes 00 FF, and 00 00 ends the value, so that a prefix sorts before what continues it.</summary>
    public static int WriteEscaped(ReadOnlySpan<byte> value, Span<byte> target)
    {
        int written = 0;
        while (true)
        {
            int zero = value.IndexOf((byte)0);
            ReadOnlySpan<byte> plain = zero < 0 ? value : value[..zero];
            plain.CopyTo(target[written..]);
            written += plain.Length;
            target[written++] = 0;
            if (zero < 0)
            {
                target[written++] = 0;
                return written;
            }
            target[written++] = 0xFF;
            value = value[(zero + 1)..];
        }
    }

    private static void Turn(Span<byte> bytes)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < words.Length; i++)
            words[i] = ~words[i];
        for (int i = words.Length * 8; i < bytes.Length; i++)
            bytes[i] = (byte)~bytes[i];
    }
}
