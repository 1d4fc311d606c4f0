using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tests.Segments;

/// <summary>A table with a column of every kind of type, and random rows for it.</summary>
internal static class SegmentSamples
{
    internal const string Directory = "/data";

    internal const uint PrimaryKey = 31_001, TextKey = 31_002, PairKey = 31_003;

    internal static readonly SegmentSchema Schema = MakeSchema();

    internal static short NumberOf(string name) => Schema.Columns.Single(column => column.Name == name).Number;

    internal static ColumnBatch Rows(int count, int seed, int firstId = 0, double nulls = 0.1)
    {
        Random random = new(seed);
        Column[] columns = new Column[Schema.Columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            SegmentColumn column = Schema.Columns[i];
            ColumnBuilder builder = ColumnBuilder.Create(column.Physical);
            for (int row = 0; row < count; row++)
            {
                if (column.Name != "id" && random.NextDouble() < nulls)
                    builder.AppendNull();
                else
                    AppendValue(builder, column, random, firstId + row);
            }
            columns[i] = builder.Build();
        }
        return new ColumnBatch(columns, count);
    }

    /// <summary>Writes rows in batches of uneven size; row ids have gaps where asked.</summary>
    internal static SegmentInfo Write(
        IFileSystem files, ColumnBatch rows, long[] rowIds, long[]? commits = null, long id = 7,
            string directory = Directory)
    {
        using SegmentWriter writer = new(files, directory, new SegmentId(id), Schema);
        int start = 0;
        for (int size = 1; start < rows.RowCount; size = Math.Min((size * 3) + 1, 9000))
        {
            int count = Math.Min(size, rows.RowCount - start);
            writer.Append(rowIds.AsSpan(start, count), commits is null ? []
                : commits.AsSpan(start, count), rows.Slice(start, count));
            start += count;
        }
        return writer.Finish();
    }

    internal static long[] RowIds(int count, int gapEvery = 0)
    {
        long[] ids = new long[count];
        long next = 1000;
        for (int i = 0; i < count; i++)
        {
            ids[i] = next++;
            if (gapEvery > 0 && i % gapEvery == gapEvery - 1)
                next += 5;
        }
        return ids;
    }

    internal static FaultyFileSystem Disk()
    {
        FaultyFileSystem files = new();
        files.CreateDirectory(Directory);
        return files;
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

    private static SegmentSchema MakeSchema()
    {
        (string Name, uint Oid, int Modifier)[] columns =
        [
            ("id", TypeOid.Int8, -1), ("flag", TypeOid.Bool, -1), ("small", TypeOid.Int2, -1),
                ("medium", TypeOid.Int4, -1),
            ("single", TypeOid.Float4, -1), ("double", TypeOid.Float8, -1),
                ("price", TypeOid.Numeric, ((12 << 16) | 2) + 4),
            ("amount", TypeOid.Numeric, -1), ("body", TypeOid.Text, -1), ("code", TypeOid.BpChar, 4 + 6),
            ("bytes", TypeOid.Bytea, -1), ("day", TypeOid.Date, -1), ("clock", TypeOid.Time, -1),
            ("local", TypeOid.Timestamp, -1), ("moment", TypeOid.TimestampTz, -1), ("span", TypeOid.Interval, -1),
            ("key", TypeOid.Uuid, -1), ("doc", TypeOid.Jsonb, -1), ("embedding", TypeOid.Vector, 5),
            ("half", TypeOid.HalfVector, 3), ("free", TypeOid.Vector, -1), ("bits", TypeOid.Bit, 12),
            ("wide", TypeOid.Bit, 128), ("object", TypeOid.Oid, -1),
        ];
        ImmutableArray<SegmentColumn> made =
            [.. columns.Select((column, i) => new SegmentColumn((short)((i * 2) + 1), column.Name,
                new SqlType(column.Oid, column.Modifier), BuiltinTypes.PhysicalOf(column.Oid)))];
        short Number(string name) => made.Single(column => column.Name == name).Number;
        return new SegmentSchema(30_000, made,
        [
            new SegmentKey(PrimaryKey, [Number("id")], NullsNotDistinct: false),
            new SegmentKey(TextKey, [Number("body")], NullsNotDistinct: false),
            new SegmentKey(PairKey, [Number("medium"), Number("price")], NullsNotDistinct: true),
        ]);
    }

    private static void AppendValue(ColumnBuilder builder, SegmentColumn column, Random random, int id)
    {
        switch (builder)
        {
            case BoolColumnBuilder target:
                target.Append(random.Next(2) == 0);
                break;
            case FixedColumnBuilder<short> target:
                target.Append((short)random.Next(short.MinValue, short.MaxValue));
                break;
            case FixedColumnBuilder<int> target:
                target.Append(random.Next(-40_000, 40_000));
                break;
            case FixedColumnBuilder<long> target:
                target.Append(column.Name switch
                {
                    "id" => id,
                    "clock" => random.NextInt64(86_400_000_000),
                    "object" => random.NextInt64(uint.MaxValue),
                    _ => random.NextInt64(2_000_000_000_000_000) - 500_000_000_000_000,
                });
                break;
            case FixedColumnBuilder<float> target:
                target.Append((float)((random.NextDouble() * 100) - 50));
                break;
            case FixedColumnBuilder<double> target:
                target.Append(random.Next(50) == 0 ? double.NaN : (random.NextDouble() * 1e6) - 5e5);
                break;
            case FixedColumnBuilder<Fixed16> target:
                target.Append(new Fixed16((ulong)random.NextInt64(), (ulong)random.NextInt64(1L << 36)));
                break;
            case BinaryColumnBuilder target:
                AppendBytes(target, column, random);
                break;
        }
    }

    private static void AppendBytes(BinaryColumnBuilder target, SegmentColumn column, Random random)
    {
        switch (column.Name)
        {
            case "price":
                SqlNumeric price = SqlNumeric.Create((Int128)random.NextInt64(-999_999_999_999, 999_999_999_999), 2);
                (random.Next(40) == 0 ? SqlNumeric.NaN : price).AppendTo(target);
                break;
            case "amount":
                SqlNumeric.Parse(Encoding.ASCII.GetBytes(
                    $"{random.NextInt64()}{random.NextInt64()}.{random.Next(100):00}0")).AppendTo(target);
                break;
            case "body" or "code":
                target.Append(Encoding.UTF8.GetBytes($"naïve text {random.Next(1_000_000)}  "[..random.Next(8, 16)]));
                break;
            case "doc":
                target.Append(Encoding.UTF8.GetBytes($"{{\"a\": {random.Next(100)}}}"));
                break;
            case "embedding" or "free":
                FillFloats(target.Reserve(20), random);
                target.Commit(20);
                break;
            case "half":
                for (int i = 0; i < 3; i++)
                    BinaryPrimitives.WriteHalfLittleEndian(target.Reserve(6)[(i * 2)..], (Half)i);
                target.Commit(6);
                break;
            case "bits" or "wide":
                int bitCount = column.Type.Modifier, length = 4 + ((bitCount + 7) / 8);
                Span<byte> bits = target.Reserve(length);
                random.NextBytes(bits);
                BinaryPrimitives.WriteInt32LittleEndian(bits, bitCount);
                if (bitCount == 12)
                    bits[5] &= 0xF0;
                target.Commit(length);
                break;
            default:
                int count = random.Next(30);
                random.NextBytes(target.Reserve(count));
                target.Commit(count);
                break;
        }
    }

    private static void FillFloats(Span<byte> target, Random random)
    {
        for (int i = 0; i < target.Length; i += sizeof(float))
            BinaryPrimitives.WriteSingleLittleEndian(target[i..], (float)random.NextDouble());
    }
}
