using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Bench.Flight;

/// <summary>Rows of id bigint, body text and v vector(128), as record batches of 4,096.</summary>
internal static class SampleBatches
{
    private const int BatchRows = 4096, Dimensions = 128;

    public static ArrowSchema Schema { get; } = new(
    [
        new ArrowField("id", new ArrowType(ArrowTypeKind.Int64), IsNullable: true, []),
        new ArrowField("body", new ArrowType(ArrowTypeKind.Utf8), IsNullable: true, []),
        new ArrowField("v", ArrowType.FixedSizeList(ArrowTypeKind.Float32, Dimensions), IsNullable: true, []),
    ], []);

    /// <summary>The messages of a stream; each is made when it is asked for.</summary>
    public static async IAsyncEnumerable<IpcMessage> MessagesOf(int rowCount)
    {
        await Task.CompletedTask;
        IpcEncoder encoder = new(Schema, isCompressed: false);
        yield return encoder.SchemaMessage();
        Random random = new(1);
        float[] values = new float[BatchRows * Dimensions];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle();
        for (int start = 0; start < rowCount; start += BatchRows)
        {
            int count = Math.Min(BatchRows, rowCount - start);
            yield return encoder.Batch(Columns(start, count, values), count);
        }
    }

    private static ArrowArray[] Columns(int start, int count, float[] values)
    {
        long[] ids = new long[count];
        BinaryColumnBuilder bodies = new(count);
        for (int i = 0; i < count; i++)
        {
            ids[i] = start + i;
            bodies.Append(Encoding.UTF8.GetBytes($"the body of row {start + i}"));
        }
        ArrowArray items = new(new ArrowType(ArrowTypeKind.Float32), count * Dimensions, 0,
            [default, ColumnBuffer.Wrap(values, count * Dimensions)]);
        return
        [
            new ArrowArray(Schema.Fields[0].Type, count, 0, [default, ColumnBuffer.Wrap(ids)]),
            ColumnArrays.ToArray(bodies.Build(), Schema.Fields[1].Type),
            new ArrowArray(Schema.Fields[2].Type, count, 0, [default], [items]),
        ];
    }
}
