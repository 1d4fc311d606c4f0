using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Copy;

namespace VecSQL.Engine.Tests.Copy;

/// <summary>Damaged files of columns do no harm: rows or an error, within the memory that the data justifies.</summary>
/// <remarks>More than a little: <c>VECSQL_FUZZ_MUTATIONS=1000000 dotnet test tests/engine -c Release --filter Fuzz</c>.</remarks>
public sealed class CopySourceFuzzTests
{
    private const long AllocatedBytesMax = 64 << 20;

    private static int Mutations => int.TryParse(Environment.GetEnvironmentVariable("VECSQL_FUZZ_MUTATIONS"), out int count) ? count : 5_000;

    private static readonly SqlType[] Targets =
    [
        new(TypeOid.Vector, 3), SqlType.HalfVector, SqlType.SparseVector, SqlType.Text, SqlType.Numeric, SqlType.Int2, SqlType.TimestampTz,
        SqlType.Date, SqlType.Jsonb, SqlType.Uuid, new(TypeOid.Int4Array), SqlType.Bytea, SqlType.Interval,
    ];

    [Fact]
    public void Damaged_arrow_streams_do_no_harm() => Run(ArrowSample(), static () => new ArrowStreamSource());

    [Fact]
    public void Damaged_npy_files_do_no_harm() => Run(
        [0x93, .. "NUMPY"u8, 1, 0, 70, 0, .. "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }          \n "u8, .. new byte[48]],
        static () => new NpySource(null));

    [Fact]
    public void Damaged_fvecs_files_do_no_harm() => Run(
        [3, 0, 0, 0, .. new byte[12], 3, 0, 0, 0, .. new byte[12], 3, 0, 0, 0, .. new byte[12]],
        static () => new TexmexSource(ArrowTypeKind.Float32, null));

    private static byte[] ArrowSample()
    {
        ArrowType utf8 = new(ArrowTypeKind.Utf8), float32 = new(ArrowTypeKind.Float32);
        ArrowSchema schema = new(
        [
            new("a", ArrowType.FixedSizeList(ArrowTypeKind.Float32, 3), true, []), new("b", ArrowType.List(float32), true, []),
            new("c", utf8, true, []), new("d", ArrowType.Dictionary(1, ArrowTypeKind.Int8, utf8), true, []),
            new("e", ArrowType.Timestamp(ArrowUnit.Second), true, []), new("f", new ArrowType(ArrowTypeKind.Decimal128, 38, 4), true, []),
        ], []);
        ColumnBuffer ends = ColumnBuffer.Wrap(new[] { 0, 3, 6, 9, 12 });
        ArrowArray floats = new(float32, 12, 0, [default, ColumnBuffer.Wrap(new float[12])]);
        ArrowArray texts = new(utf8, 4, 0, [default, ends, ColumnBuffer.Wrap("12[1,2]{1,2}"u8.ToArray())]);
        ArrowArray[] columns =
        [
            new(schema.Fields[0].Type, 4, 1, [ColumnBuffer.Wrap(new ulong[] { 7 })], [floats]),
            new(schema.Fields[1].Type, 4, 0, [default, ends], [floats]), texts,
            new(schema.Fields[3].Type, 4, 0, [default, ColumnBuffer.Wrap(new byte[] { 0, 1, 2, 3 })], dictionary: texts),
            new(schema.Fields[4].Type, 4, 0, [default, ColumnBuffer.Wrap(new long[] { 0, -1, long.MaxValue, 1 << 30 })]),
            new(schema.Fields[5].Type, 4, 0, [default, ColumnBuffer.Wrap(new long[8])]),
        ];
        IpcEncoder encoder = new(schema, isCompressed: false);
        MemoryStream stream = new();
        foreach (IpcMessage message in encoder.Encode(columns, 4).Prepend(encoder.SchemaMessage()))
        {
            stream.Write(message.Head());
            foreach (ReadOnlyMemory<byte> piece in message.Body)
                stream.Write(piece.Span);
        }
        return stream.ToArray();
    }

    private static void Run(byte[] sample, Func<ArrowCopySource> open)
    {
        for (int round = 0; round < Mutations; round++)
        {
            Random random = new(round);
            byte[] damaged = sample.ToArray();
            for (int i = random.Next(3); i >= 0; i--)
            {
                int at = random.Next(damaged.Length);
                damaged[at] = random.Next(3) switch { 0 => 0xFF, 1 => (byte)(damaged[at] ^ (1 << random.Next(8))), _ => (byte)random.Next(256) };
            }
            int length = random.Next(8) == 0 ? random.Next(damaged.Length) : damaged.Length;
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Read(damaged.AsSpan(0, length), open(), random);
            }
            catch (SqlException)
            {
                // Refused, which is as good as read.
            }
            catch (Exception error)
            {
                Assert.Fail($"mutation {round}: {error}");
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedBytesMax);
        }
    }

    private static void Read(ReadOnlySpan<byte> bytes, ArrowCopySource source, Random random)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int piece = Math.Min(random.Next(1, 2000), bytes.Length - at);
            source.Add(bytes.Slice(at, piece));
            at += piece;
            while (source.TryRead() is { } batch)
            {
                for (int i = 0; i < batch.Columns.Count; i++)
                    Take(batch, i, Targets[random.Next(Targets.Length)]);
            }
        }
        source.Complete();
    }

    private static void Take(ArrowBatch batch, int field, SqlType target)
    {
        try
        {
            ArrowIntake intake = new(batch.Schema.Fields[field], target, "a column", FormatContext.Default);
            int count = Math.Min(batch.RowCount, 100);
            Assert.Equal(count, intake.Read(batch.Columns[field], 0, count, 0).Length);
        }
        catch (SqlException)
        {
            // A value that does not fit; other fields may.
        }
    }
}
