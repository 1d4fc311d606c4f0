namespace VecSQL.Columnar.Ipc;

/// <summary>Arrow's logical types.</summary>
public enum ArrowTypeKind : byte
{
    /// <summary>No values, only nulls.</summary>
    Null,
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float16,
    Float32,
    Float64,
    Utf8,

    /// <summary>As Utf8, with offsets of 64 bits.</summary>
    LargeUtf8,

    /// <summary>Texts as views: short ones in the view itself, others in one of several buffers.</summary>
    Utf8View,
    Binary,
    LargeBinary,
    BinaryView,

    /// <summary>Size: bytes of each value.</summary>
    FixedSizeBinary,

    /// <summary>Size: elements of each value. One child.</summary>
    FixedSizeList,

    /// <summary>One child, between offsets of 32 bits.</summary>
    List,

    /// <summary>One child, between offsets of 64 bits.</summary>
    LargeList,

    /// <summary>A child for each member.</summary>
    Struct,

    /// <summary>One child, a struct of key and value, between offsets of 32 bits.</summary>
    Map,

    /// <summary>A child for each alternative. IsDense: a row has a place in its alternative, else all are as long as the union.</summary>
    Union,

    /// <summary>Days since 1970.</summary>
    Date32,

    /// <summary>Milliseconds since 1970, whole days.</summary>
    Date64,

    /// <summary>Unit: seconds or milliseconds.</summary>
    Time32,

    /// <summary>Unit: microseconds or nanoseconds.</summary>
    Time64,

    /// <summary>Unit since 1970; of UTC where there is a zone, else in no zone.</summary>
    Timestamp,

    /// <summary>Unit, as an int64.</summary>
    Duration,

    /// <summary>Months, as an int32.</summary>
    IntervalYearMonth,

    /// <summary>Days and milliseconds, an int32 each.</summary>
    IntervalDayTime,

    /// <summary>Months and days, an int32 each, and nanoseconds, an int64.</summary>
    IntervalMonthDayNano,

    /// <summary>Size: precision. Scale: digits after the point.</summary>
    Decimal128,

    /// <summary>Size: precision. Scale: digits after the point.</summary>
    Decimal256,

    /// <summary>Numbers of values that are sent once. One child, the values; Index: the numbers' kind.</summary>
    Dictionary,
}
