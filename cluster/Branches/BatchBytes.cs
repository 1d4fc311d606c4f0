using System.Buffers.Binary;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Branches;

/// <summary>Rows as bytes between nodes: an Arrow stream's schema and one record batch, whose types are the columns' physical ones.</summary>
/// <remarks>Fixed16 goes as decimal128, which is as wide. Nothing read is believed before it is checked.</remarks>
internal static class BatchBytes
{
    private const int PrefixBytes = 8;

    public static byte[] Write(ColumnBatch rows) => Write(rows, isCompressed: false);

    /// <summary>For rows that go to several.</summary>
    public static byte[] WriteCompressed(ColumnBatch rows) => Write(rows, isCompressed: true);

    private static byte[] Write(ColumnBatch rows, bool isCompressed)
    {
        IpcEncoder encoder = new(SchemaOf(rows, isCompressed), isCompressed);
        byte[] schema = encoder.SchemaMessage().Head();
        IpcMessage batch = encoder.Batch(ArraysOf(rows), rows.RowCount);
        return new GrpcPayload(schema, [batch.Head(), .. batch.Body]).ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no rows.</exception>
    public static ColumnBatch Read(ReadOnlyMemory<byte> bytes)
    {
        IpcDecoder decoder = new("rows of a node");
        return Read(decoder, Read(decoder, bytes, isSchema: true));
    }

    /// <summary>Reads a record batch of a stream.</summary>
    /// <exception cref="InvalidDataException">The bytes are no rows.</exception>
    public static ColumnBatch Read(IpcDecoder decoder, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            ReadOnlyMemory<byte> metadata = Metadata(ref bytes);
            ArrowBatch batch = decoder.Read(metadata, bytes) ?? throw new InvalidDataException("a message without rows");
            return new ColumnBatch([.. batch.Columns.Select(ColumnArrays.ToColumn)], batch.RowCount);
        }
        catch (Exception damage) when (damage is IpcException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"rows of a node cannot be read: {damage.Message}", damage);
        }
    }

    /// <summary>Reads what a stream begins with.</summary>
    /// <returns>What follows it.</returns>
    /// <exception cref="InvalidDataException">The bytes are no schema.</exception>
    public static ReadOnlyMemory<byte> Read(IpcDecoder decoder, ReadOnlyMemory<byte> bytes, bool isSchema)
    {
        try
        {
            ReadOnlyMemory<byte> metadata = Metadata(ref bytes);
            return isSchema && decoder.Read(metadata, default) is null && decoder.Schema is not null
                ? bytes : throw new InvalidDataException("rows without a schema");
        }
        catch (IpcException damage)
        {
            throw new InvalidDataException($"rows of a node cannot be read: {damage.Message}", damage);
        }
    }

    /// <summary>About how many bytes rows take.</summary>
    public static long SizeOf(ColumnBatch rows) => ArraysOf(rows).Sum(static array => array.SizeBytes);

    public static ArrowSchema SchemaOf(ColumnBatch rows, bool isCompressed = false) =>
        new([.. rows.Columns.Select((column, i) => new ArrowField($"{i}", TypeOf(column.Type), IsNullable: true, [], isCompressed))], []);

    public static ArrowArray[] ArraysOf(ColumnBatch rows) => [.. rows.Columns.ToArray().Select(static column => ColumnArrays.ToArray(column, TypeOf(column.Type)))];

    private static ReadOnlyMemory<byte> Metadata(ref ReadOnlyMemory<byte> bytes)
    {
        int length = bytes.Length < PrefixBytes || BinaryPrimitives.ReadInt32LittleEndian(bytes.Span) != -1
            ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[sizeof(int)..]);
        if (length < 0 || length > bytes.Length - PrefixBytes)
            throw new InvalidDataException("rows that end within a message");
        ReadOnlyMemory<byte> metadata = bytes.Slice(PrefixBytes, length);
        bytes = bytes[(PrefixBytes + length)..];
        return metadata;
    }

    private static ArrowType TypeOf(PhysicalType type) => type switch
    {
        PhysicalType.Bool => Bools,
        PhysicalType.Int16 => Int16s,
        PhysicalType.Int32 => Int32s,
        PhysicalType.Int64 => Int64s,
        PhysicalType.Float32 => Singles,
        PhysicalType.Float64 => Doubles,
        PhysicalType.Fixed16 => Wide,
        _ => Binaries,
    };

    private static readonly ArrowType Bools = new(ArrowTypeKind.Bool), Int16s = new(ArrowTypeKind.Int16), Int32s = new(ArrowTypeKind.Int32),
        Int64s = new(ArrowTypeKind.Int64), Singles = new(ArrowTypeKind.Float32), Doubles = new(ArrowTypeKind.Float64),
        Wide = new(ArrowTypeKind.Decimal128, ArrowType.Decimal128DigitsMax), Binaries = new(ArrowTypeKind.Binary);
}
