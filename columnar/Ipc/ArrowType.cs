namespace VecSQL.Columnar.Ipc;

/// <summary>Arrow's logical types, as far as they are written and read here.</summary>
public enum ArrowTypeKind : byte
{
    Bool,
    Int16,
    Int32,
    Int64,
    Float16,
    Float32,
    Float64,
    Utf8,
    Binary,

    /// <summary>Size: bytes of each value.</summary>
    FixedSizeBinary,

    /// <summary>Size: elements of each value. Child: Float16 or Float32.</summary>
    FixedSizeList,

    Date32,
    Time64Microseconds,

    /// <summary>Microseconds since 1970, in no zone.</summary>
    Timestamp,

    /// <summary>Microseconds since 1970, UTC.</summary>
    TimestampUtc,

    /// <summary>Size: precision. Scale: digits after the point.</summary>
    Decimal128,
}

/// <summary>An Arrow type with its parameters.</summary>
/// <param name="Size">Bytes, elements or digits, by kind.</param>
/// <param name="Scale">Digits after the point of a Decimal128.</param>
/// <param name="Child">What a list's elements are.</param>
public readonly record struct ArrowType(ArrowTypeKind Kind, int Size = 0, int Scale = 0, ArrowTypeKind Child = default)
{
    public const int DecimalDigitsMax = 38;

    public static ArrowType FixedSizeList(ArrowTypeKind child, int size) =>
        new(ArrowTypeKind.FixedSizeList, size, 0, child);

    /// <summary>Bytes of a value where every value has the same whole number of them, else 0.</summary>
    public int WidthBytes => Kind switch
    {
        ArrowTypeKind.Int16 or ArrowTypeKind.Float16 => 2,
        ArrowTypeKind.Int32 or ArrowTypeKind.Float32 or ArrowTypeKind.Date32 => 4,
        ArrowTypeKind.Int64 or ArrowTypeKind.Float64 or ArrowTypeKind.Time64Microseconds => 8,
        ArrowTypeKind.Timestamp or ArrowTypeKind.TimestampUtc => 8,
        ArrowTypeKind.Decimal128 => 16,
        ArrowTypeKind.FixedSizeBinary => Size,
        ArrowTypeKind.FixedSizeList => Size * new ArrowType(Child).WidthBytes,
        _ => 0,
    };

    /// <summary>Whether values lie between offsets: Utf8 and Binary.</summary>
    public bool IsVariable => Kind is ArrowTypeKind.Utf8 or ArrowTypeKind.Binary;
}

/// <summary>A column of a schema.</summary>
/// <param name="Metadata">Pairs of key and value, as the file keeps them.</param>
/// <param name="IsCompressed">Whether a writer tries to compress it; not stored.</param>
public sealed record ArrowField(
    string Name,
    ArrowType Type,
    bool IsNullable,
    IReadOnlyList<KeyValuePair<string, string>> Metadata,
    bool IsCompressed = true)
{
    /// <summary>The value of a metadata key; null where there is none.</summary>
    public string? Find(string key)
    {
        foreach (KeyValuePair<string, string> pair in Metadata)
        {
            if (pair.Key == key)
                return pair.Value;
        }
        return null;
    }
}

/// <summary>The columns of a file, and what is said about all of it.</summary>
public sealed record ArrowSchema(
    IReadOnlyList<ArrowField> Fields, IReadOnlyList<KeyValuePair<string, string>> Metadata);
