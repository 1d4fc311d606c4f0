using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Columnar.Tests.Ipc;

/// <summary>Arrays of every Arrow type, random, and their values as text.</summary>
internal static class ArrowSamples
{
    private static readonly ArrowType Int32 = new(ArrowTypeKind.Int32), Utf8 = new(ArrowTypeKind.Utf8);

    internal static readonly ArrowType[] Types =
    [
        .. Enum.GetValues<ArrowTypeKind>().Where(static kind => kind is not (ArrowTypeKind.FixedSizeBinary or ArrowTypeKind.FixedSizeList
            or ArrowTypeKind.List or ArrowTypeKind.LargeList or ArrowTypeKind.Struct or ArrowTypeKind.Map or ArrowTypeKind.Union
            or ArrowTypeKind.Dictionary or ArrowTypeKind.Timestamp or ArrowTypeKind.Duration or ArrowTypeKind.Decimal128
            or ArrowTypeKind.Decimal256 or ArrowTypeKind.Time32 or ArrowTypeKind.Time64)).Select(static kind => new ArrowType(kind)),
        .. Enum.GetValues<ArrowUnit>().SelectMany(static unit => new[]
        {
            ArrowType.Timestamp(unit), ArrowType.Timestamp(unit, "Europe/Zürich"), ArrowType.Time(unit), ArrowType.Duration(unit),
        }),
        new(ArrowTypeKind.FixedSizeBinary, 5), new(ArrowTypeKind.Decimal128, 38, 4), new(ArrowTypeKind.Decimal256, 76, 76),
        ArrowType.FixedSizeList(ArrowTypeKind.Float32, 3), ArrowType.List(Utf8), ArrowType.List(ArrowType.List(Int32)),
        ArrowType.LargeList(Field("item", Int32)), ArrowType.Struct([Field("a", Int32), Field("b", Utf8)]), ArrowType.Struct([]),
        ArrowType.FixedSizeList(Field("item", ArrowType.Struct([Field("x", ArrowType.List(Int32))])), 2), ArrowType.Map(Utf8, Int32),
        ArrowType.Union([Field("i", Int32), Field("s", Utf8)], isDense: true, [5, 7]),
        ArrowType.Union([Field("i", Int32), Field("s", Utf8)], isDense: false),
        ArrowType.Dictionary(1, ArrowTypeKind.Int8, Utf8), ArrowType.Dictionary(2, ArrowTypeKind.UInt32, Int32, isOrdered: true),
        ArrowType.List(ArrowType.Dictionary(3, ArrowTypeKind.Int16, Utf8)),
    ];

    internal static ArrowSchema Schema(IEnumerable<ArrowType> types) => new(
        [.. types.Select((type, i) => Field($"c{i}", type) with { Metadata = [new("n", $"{i}")] })], [new("made by", "a test")]);

    internal static ArrowField Field(string name, ArrowType type) => new(name, type, IsNullable: true, []);

    /// <param name="dictionaries">Values made before, by their ids; those that are missing are made.</param>
    internal static ArrowArray Random(ArrowType type, int length, Random random, double nulls, Dictionary<long, ArrowArray> dictionaries)
    {
        if (type.Kind == ArrowTypeKind.Null)
            return ArrowArray.Nulls(length);
        ulong[] bits = Bitmap.Allocate(Math.Max(length, 1));
        int nullCount = 0;
        for (int row = 0; row < length; row++)
        {
            if (type.Kind != ArrowTypeKind.Union && random.NextDouble() < nulls)
                nullCount++;
            else
                Bitmap.Set(bits, row);
        }
        ColumnBuffer validity = nullCount == 0 ? default : ColumnBuffer.Wrap(bits);
        ArrowArray Child(int i, int count) => Random(type.Children[i].Type, count, random, nulls, dictionaries);
        switch (type.Kind)
        {
            case ArrowTypeKind.Bool:
                ulong[] values = Bitmap.Allocate(Math.Max(length, 1));
                random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
                return new(type, length, nullCount, [validity, ColumnBuffer.Wrap(values)]);
            case ArrowTypeKind.Utf8 or ArrowTypeKind.Binary or ArrowTypeKind.LargeUtf8 or ArrowTypeKind.LargeBinary:
                return Variable(type, length, nullCount, validity, random);
            case ArrowTypeKind.Utf8View or ArrowTypeKind.BinaryView:
                return Views(type, length, nullCount, validity, random);
            case ArrowTypeKind.List or ArrowTypeKind.Map or ArrowTypeKind.LargeList:
                int[] ends = Ends(length, random, 4);
                ColumnBuffer offsets = type.Kind == ArrowTypeKind.LargeList ? ColumnBuffer.Wrap(Array.ConvertAll(ends, end => (long)end))
                    : ColumnBuffer.Wrap(ends);
                return new(type, length, nullCount, [validity, offsets], [Child(0, ends[^1])]);
            case ArrowTypeKind.FixedSizeList:
                return new(type, length, nullCount, [validity], [Child(0, length * type.Size)]);
            case ArrowTypeKind.Struct:
                return new(type, length, nullCount, [validity], [.. type.Children.Select((_, i) => Child(i, length))]);
            case ArrowTypeKind.Union:
                byte[] ids = new byte[length];
                int[] places = new int[length];
                for (int row = 0; row < length; row++)
                {
                    ids[row] = (byte)type.TypeIds[random.Next(type.TypeIds.Count)];
                    places[row] = random.Next(length);
                }
                return new(type, length, 0, type.IsDense ? [ColumnBuffer.Wrap(ids), ColumnBuffer.Wrap(places)] : [ColumnBuffer.Wrap(ids)],
                    [.. type.Children.Select((_, i) => Child(i, length))]);
            case ArrowTypeKind.Dictionary:
                if (!dictionaries.TryGetValue(type.DictionaryId, out ArrowArray? known))
                    dictionaries[type.DictionaryId] = known = Random(type.Children[0].Type, 9, random, nulls, dictionaries);
                byte[] numbers = new byte[length * type.WidthBytes];
                for (int row = 0; row < length; row++)
                    numbers[row * type.WidthBytes] = (byte)random.Next(known.Length);
                return new(type, length, nullCount, [validity, ColumnBuffer.Wrap(numbers)], dictionary: known);
            default:
                byte[] bytes = new byte[length * type.WidthBytes];
                random.NextBytes(bytes);
                return new(type, length, nullCount, [validity, ColumnBuffer.Wrap(bytes)]);
        }
    }

    /// <summary>A value as text, whatever it is.</summary>
    internal static string Text(ArrowArray array, int row)
    {
        if (array.IsNull(row))
            return "null";
        ArrowType type = array.Type;
        switch (type.Kind)
        {
            case ArrowTypeKind.Bool:
                return (array.Buffers[1].Bytes[row >> 3] & (1 << (row & 7))) != 0 ? "true" : "false";
            case ArrowTypeKind.Utf8 or ArrowTypeKind.Binary:
                ReadOnlySpan<int> ends = array.Buffers[1].As<int>();
                return Convert.ToHexString(array.Buffers[2].Bytes[ends[row]..ends[row + 1]]);
            case ArrowTypeKind.LargeUtf8 or ArrowTypeKind.LargeBinary:
                ReadOnlySpan<long> far = array.Buffers[1].As<long>();
                return Convert.ToHexString(array.Buffers[2].Bytes[(int)far[row]..(int)far[row + 1]]);
            case ArrowTypeKind.Utf8View or ArrowTypeKind.BinaryView:
                return Convert.ToHexString(ArrowView.Read(array, row));
            case ArrowTypeKind.List or ArrowTypeKind.Map:
                ReadOnlySpan<int> lists = array.Buffers[1].As<int>();
                return Texts(array.Children[0], lists[row], lists[row + 1]);
            case ArrowTypeKind.LargeList:
                ReadOnlySpan<long> large = array.Buffers[1].As<long>();
                return Texts(array.Children[0], (int)large[row], (int)large[row + 1]);
            case ArrowTypeKind.FixedSizeList:
                return Texts(array.Children[0], row * type.Size, (row + 1) * type.Size);
            case ArrowTypeKind.Struct:
                return $"{{{string.Join(',', array.Children.Select(child => Text(child, row)))}}}";
            case ArrowTypeKind.Union:
                int alternative = type.TypeIds.ToList().IndexOf(array.Buffers[0].Bytes[row]);
                return $"{alternative}:{Text(array.Children[alternative], type.IsDense ? array.Buffers[1].As<int>()[row] : row)}";
            case ArrowTypeKind.Dictionary:
                return Text(array.Dictionary ?? throw new InvalidOperationException(), (int)ArrowNumbers.Index(array, row));
            default:
                return Convert.ToHexString(array.Buffers[1].Bytes.Slice(row * type.WidthBytes, type.WidthBytes));
        }
    }

    internal static string[] Texts(ArrowBatch batch) => [.. Enumerable.Range(0, batch.RowCount).Select(row =>
        string.Join('|', batch.Columns.Select(column => Text(column, row))))];

    private static string Texts(ArrowArray array, int start, int end) =>
        $"[{string.Join(',', Enumerable.Range(start, end - start).Select(row => Text(array, row)))}]";

    private static ArrowArray Variable(ArrowType type, int length, int nullCount, ColumnBuffer validity, Random random)
    {
        StringBuilder text = new();
        int[] ends = new int[length + 1];
        for (int row = 0; row < length; row++)
        {
            text.Append(new[] { "", "é", "plain", "a longer text €😀" }[random.Next(4)]);
            ends[row + 1] = Encoding.UTF8.GetByteCount(text.ToString());
        }
        ColumnBuffer offsets = type.Kind is ArrowTypeKind.LargeUtf8 or ArrowTypeKind.LargeBinary
            ? ColumnBuffer.Wrap(Array.ConvertAll(ends, end => (long)end)) : ColumnBuffer.Wrap(ends);
        return new(type, length, nullCount, [validity, offsets, ColumnBuffer.Wrap(Encoding.UTF8.GetBytes(text.ToString()))]);
    }

    private static ArrowArray Views(ArrowType type, int length, int nullCount, ColumnBuffer validity, Random random)
    {
        byte[] data = Encoding.UTF8.GetBytes("a text of more than twelve bytes: ünd so weiter");
        byte[] views = new byte[length * 16];
        for (int row = 0; row < length; row++)
        {
            Span<byte> view = views.AsSpan(row * 16, 16);
            int size = random.Next(30);
            BitConverter.TryWriteBytes(view, size);
            if (size <= 12)
            {
                data.AsSpan(0, size).CopyTo(view[4..]);
                continue;
            }
            data.AsSpan(0, 4).CopyTo(view[4..]);
            BitConverter.TryWriteBytes(view[8..], random.Next(2));
        }
        return new(type, length, nullCount, [validity, ColumnBuffer.Wrap(views), ColumnBuffer.Wrap(data), ColumnBuffer.Wrap(data)]);
    }

    private static int[] Ends(int length, Random random, int most)
    {
        int[] ends = new int[length + 1];
        for (int row = 0; row < length; row++)
            ends[row + 1] = ends[row] + random.Next(most);
        return ends;
    }
}
