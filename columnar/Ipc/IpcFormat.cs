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
    internal const byte SchemaMessage = 1, DictionaryMessage = 2, RecordBatchMessage = 3;
    internal const byte Lz4Codec = 0, ZstdCodec = 1;

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
        internal const int DictionaryId = 0, DictionaryIndex = 1, DictionaryOrdered = 2;
        internal const int BatchLength = 0, BatchNodes = 1, BatchBuffers = 2, BatchCompression = 3, BatchVariadic = 4;
        internal const int DictionaryBatchId = 0, DictionaryBatchData = 1, DictionaryBatchIsDelta = 2;
        internal const int Codec = 0, Method = 1;
        internal const int FooterVersion = 0, FooterSchema = 1, FooterDictionaries = 2, FooterBatches = 3,
            FooterMetadata = 4;
    }

    /// <summary>Type codes.</summary>
    internal static class Code
    {
        internal const byte Null = 1, Int = 2, FloatingPoint = 3, Binary = 4, Utf8 = 5, Bool = 6, Decimal = 7, Date = 8,
            Time = 9, Timestamp = 10, Interval = 11, List = 12, Struct = 13, Union = 14, FixedSizeBinary = 15,
            FixedSizeList = 16, Map = 17, Duration = 18, LargeBinary = 19, LargeUtf8 = 20, LargeList = 21,
            BinaryView = 23, Utf8View = 24;
    }

    internal static byte CodeOf(ArrowTypeKind kind) => kind switch
    {
        ArrowTypeKind.Null => Code.Null,
        ArrowTypeKind.Bool => Code.Bool,
        >= ArrowTypeKind.Int8 and <= ArrowTypeKind.UInt64 => Code.Int,
        ArrowTypeKind.Float16 or ArrowTypeKind.Float32 or ArrowTypeKind.Float64 => Code.FloatingPoint,
        ArrowTypeKind.Utf8 => Code.Utf8,
        ArrowTypeKind.LargeUtf8 => Code.LargeUtf8,
        ArrowTypeKind.Utf8View => Code.Utf8View,
        ArrowTypeKind.Binary => Code.Binary,
        ArrowTypeKind.LargeBinary => Code.LargeBinary,
        ArrowTypeKind.BinaryView => Code.BinaryView,
        ArrowTypeKind.FixedSizeBinary => Code.FixedSizeBinary,
        ArrowTypeKind.FixedSizeList => Code.FixedSizeList,
        ArrowTypeKind.List => Code.List,
        ArrowTypeKind.LargeList => Code.LargeList,
        ArrowTypeKind.Struct => Code.Struct,
        ArrowTypeKind.Map => Code.Map,
        ArrowTypeKind.Union => Code.Union,
        ArrowTypeKind.Date32 or ArrowTypeKind.Date64 => Code.Date,
        ArrowTypeKind.Time32 or ArrowTypeKind.Time64 => Code.Time,
        ArrowTypeKind.Timestamp => Code.Timestamp,
        ArrowTypeKind.Duration => Code.Duration,
        ArrowTypeKind.IntervalYearMonth or ArrowTypeKind.IntervalDayTime or ArrowTypeKind.IntervalMonthDayNano =>
            Code.Interval,
        ArrowTypeKind.Decimal128 or ArrowTypeKind.Decimal256 => Code.Decimal,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    internal static long Aligned(long offset, int alignment) => (offset + alignment - 1) & -alignment;
}
