using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Columnar.Tests.Ipc;

/// <summary>Fields of every supported type, and random columns for them.</summary>
internal static class IpcSamples
{
    internal static readonly ArrowType[] Types =
    [
        new(ArrowTypeKind.Bool), new(ArrowTypeKind.Int16), new(ArrowTypeKind.Int32), new(ArrowTypeKind.Int64),
        new(ArrowTypeKind.Float32), new(ArrowTypeKind.Float64), new(ArrowTypeKind.Utf8), new(ArrowTypeKind.Binary),
        new(ArrowTypeKind.FixedSizeBinary, 16), new(ArrowTypeKind.FixedSizeBinary, 5),
        ArrowType.FixedSizeList(ArrowTypeKind.Float32, 3), ArrowType.FixedSizeList(ArrowTypeKind.Float16, 7),
        new(ArrowTypeKind.Date32), ArrowType.Time(ArrowUnit.Microsecond), ArrowType.Timestamp(ArrowUnit.Microsecond),
        ArrowType.Timestamp(ArrowUnit.Microsecond, "UTC"), new(ArrowTypeKind.Decimal128, 38, 4),
    ];

    internal static ArrowSchema Schema(bool isCompressed) => new(
        [.. Types.Select((type, i) => new ArrowField(
            $"c{i} {type.Kind}", type, IsNullable: true, [new("number", i.ToString()), new("ö", "")], isCompressed))],
        [new("made by", "a test")]);

    internal static Column Random(ArrowType type, int rowCount, Random random, double nulls)
    {
        ColumnBuilder builder = ColumnBuilder.Create(ColumnArrays.PhysicalOf(type));
        for (int row = 0; row < rowCount; row++)
        {
            if (random.NextDouble() < nulls)
                builder.AppendNull();
            else
                Append(builder, type, random);
        }
        return builder.Build();
    }

    internal static byte[] Write(ArrowSchema schema, params Column[][] batches)
    {
        MemoryStream file = new();
        IpcFileWriter writer = new(schema, bytes => file.Write(bytes));
        foreach (Column[] batch in batches)
            writer.Write(batch, batch[0].Length);
        writer.Finish();
        return file.ToArray();
    }

    internal static IpcFileReader Open(byte[] file) =>
        new("test.arrow", file.Length, (offset, length) => ColumnBuffer.Wrap(file).Slice(checked((int)offset), length));

    internal static void AssertEqual(Column expected, Column actual)
    {
        Assert.Equal(expected.Type, actual.Type);
        Assert.Equal(expected.Length, actual.Length);
        for (int row = 0; row < expected.Length; row++)
            Assert.Equal(ValueOf(expected, row), ValueOf(actual, row));
    }

    internal static object? ValueOf(Column column, int row) => column.IsNull(row) ? null : column switch
    {
        BoolColumn values => values[row],
        FixedColumn<short> values => values[row],
        FixedColumn<int> values => values[row],
        FixedColumn<long> values => values[row],
        FixedColumn<float> values => values[row],
        FixedColumn<double> values => values[row],
        FixedColumn<Fixed16> values => values[row],
        BinaryColumn values => Convert.ToHexString(values[row]),
        _ => throw new NotSupportedException(),
    };

    private static void Append(ColumnBuilder builder, ArrowType type, Random random)
    {
        switch (builder)
        {
            case BoolColumnBuilder target:
                target.Append(random.Next(2) == 0);
                break;
            case FixedColumnBuilder<short> target:
                target.Append((short)random.Next());
                break;
            case FixedColumnBuilder<int> target:
                target.Append(random.Next(100));
                break;
            case FixedColumnBuilder<long> target:
                target.Append(random.NextInt64());
                break;
            case FixedColumnBuilder<float> target:
                target.Append((float)random.NextDouble());
                break;
            case FixedColumnBuilder<double> target:
                target.Append(random.NextDouble());
                break;
            case FixedColumnBuilder<Fixed16> target:
                target.Append(new Fixed16((ulong)random.NextInt64(), (ulong)random.NextInt64(1000)));
                break;
            case BinaryColumnBuilder target when type.Kind == ArrowTypeKind.Utf8:
                target.Append(Encoding.UTF8.GetBytes(new string((char)random.Next('a', 'ž'), random.Next(20))));
                break;
            case BinaryColumnBuilder target:
                int length = type.IsVariable ? random.Next(30) : type.WidthBytes;
                random.NextBytes(target.Reserve(length));
                target.Commit(length);
                break;
        }
    }
}
