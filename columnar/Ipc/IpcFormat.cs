namespace VecSQL.Columnar.Ipc;

/// <summary>Numbers of the Arrow IPC format: message kinds, type codes, field places in its FlatBuffers
/// tables.</summary>
/// <remarks>
/// A file is: "ARROW1" and two zeros; the schema message; record batch messages; an end mark; the footer (a
/// FlatBuffer), its int32 length, and "ARROW1". A message is: FFFFFFFF, the int32 length of its metadata with padding,
/// the metadata (a FlatBuffer), the body. Integers are little-endian.
/// Source: the Arrow project's "Columnar Format" page and its Schema, Message and File definitions.
/// </remarks>
internal static class IpcFormat
{
    internal const int Alignment = 64, EndMarkBytes = 8, PrefixBytes = 8, TailBytes = 10;
    internal const short Version5 = 4;
    internal const byte SchemaMessage = 1, RecordBatchMessage = 3;
    internal const byte ZstdCodec = 1;

    /// <summary>Stands for the uncompressed length before bytes that are stored as they are.</summary>
    internal const long StoredRaw = -1;

    /// <summary>Nodes (a row count, a null count), buffers (an offset, a length), blocks (offset, metadata and body
    /// length).</summary>
    internal const int NodeBytes = 16, BufferBytes = 16, BlockBytes = 24;

    internal static ReadOnlySpan<byte> Magic => "ARROW1"u8;

    /// <summary>Places of fields in tables.</summary>
    internal static class Field
    {
        internal const int MessageVersion = 0, MessageKind = 1, MessageHeader = 2, MessageBodyLength = 3;
        internal const int SchemaEndianness = 0, SchemaFields = 1, SchemaMetadata = 2;
        internal const int Name = 0, Nullable = 1, TypeCode = 2, Type = 3, Dictionary = 4, Children = 5, Metadata = 6;
        internal const int Key = 0, Value = 1;
        internal const int BatchLength = 0, BatchNodes = 1, BatchBuffers = 2, BatchCompression = 3;
        internal const int Codec = 0, Method = 1;
        internal const int FooterVersion = 0, FooterSchema = 1, FooterDictionaries = 2, FooterBatches = 3,
            FooterMetadata = 4;
    }

    /// <summary>Type codes.</summary>
    internal static class Code
    {
        internal const byte Int = 2, FloatingPoint = 3, Binary = 4, Utf8 = 5, Bool = 6, Decimal = 7, Date = 8, Time = 9;
        internal const byte Timestamp = 10, FixedSizeBinary = 15, FixedSizeList = 16;
    }

    /// <summary>How many nodes and buffers a column of the type takes, its children's included.</summary>
    internal static (int Nodes, int Buffers) ShapeOf(ArrowType type) => type.Kind switch
    {
        ArrowTypeKind.Utf8 or ArrowTypeKind.Binary => (1, 3),
        ArrowTypeKind.FixedSizeList => (2, 3),
        _ => (1, 2),
    };

    internal static long Aligned(long offset, int alignment) => (offset + alignment - 1) & -alignment;
}
