using System.Globalization;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Storage.Segments;

/// <summary>Which Arrow type carries which SQL type in segments, so that other tools show the rows that SELECT
/// shows.</summary>
/// <remarks>The table is in docs/formats/segment.md. A change here is a change of format.</remarks>
internal static class ArrowTypeMap
{
    /// <summary>pgvector's limits, which no type modifier exceeds.</summary>
    private const int DimensionsMax = 16_000, BitsMax = 83_886_080;

    /// <summary>The field and the form in which a column is written.</summary>
    internal static (ArrowField Field, ColumnForm Form) Map(SegmentColumn column)
    {
        (ArrowType type, ColumnForm form) = TypeOf(column.Type, column.Physical);
        KeyValuePair<string, string>[] metadata =
        [
            new(ArrowKeys.Column, column.Number.ToString(CultureInfo.InvariantCulture)),
            new(ArrowKeys.Type, column.Type.Oid.ToString(CultureInfo.InvariantCulture)),
            new(ArrowKeys.Modifier, column.Type.Modifier.ToString(CultureInfo.InvariantCulture)),
        ];
        return (new ArrowField(column.Name, type, IsNullable: true, metadata, IsCompressed: !IsInPlace(column.Type)),
            form);
    }

    /// <summary>Whether values are left uncompressed, so that they are used where they lie: those that are mapped, and arrays of
    /// vectors.</summary>
    internal static bool IsInPlace(SqlType type) => type.Oid is TypeOid.VectorArray or TypeOid.HalfVectorArray || IsMapped(type);

    /// <summary>Whether values of one length are left uncompressed, to be scanned where they lie: vectors, whose bits hardly
    /// compress.</summary>
    internal static bool IsMapped(SqlType type) => type.Oid switch
    {
        TypeOid.Vector or TypeOid.HalfVector => type.Modifier is > 0 and <= DimensionsMax,
        TypeOid.Bit => type.Modifier is > 0 and <= BitsMax,
        _ => false,
    };

    private static (ArrowType Type, ColumnForm Form) TypeOf(SqlType type, PhysicalType physical) => type.Oid switch
    {
        TypeOid.Date => Same(ArrowTypeKind.Date32),
        TypeOid.Time => (ArrowType.Time(ArrowUnit.Microsecond), SameForm.Instance),
        TypeOid.Timestamp => (ArrowType.Timestamp(ArrowUnit.Microsecond), SameForm.Instance),
        TypeOid.TimestampTz => (ArrowType.Timestamp(ArrowUnit.Microsecond, "UTC"), SameForm.Instance),
        TypeOid.Numeric => NumericOf(type),
        TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Name or TypeOid.Json or TypeOid.Jsonb =>
            Same(ArrowTypeKind.Utf8),
        TypeOid.Vector when IsMapped(type) =>
            (ArrowType.FixedSizeList(ArrowTypeKind.Float32, type.Modifier), SameForm.Instance),
        TypeOid.HalfVector when IsMapped(type) =>
            (ArrowType.FixedSizeList(ArrowTypeKind.Float16, type.Modifier), SameForm.Instance),
        TypeOid.Bit when IsMapped(type) =>
            (new ArrowType(ArrowTypeKind.FixedSizeBinary, (type.Modifier + 7) / 8), new BitForm(type.Modifier)),
        _ => physical switch
        {
            PhysicalType.Bool => Same(ArrowTypeKind.Bool),
            PhysicalType.Int16 => Same(ArrowTypeKind.Int16),
            PhysicalType.Int32 => Same(ArrowTypeKind.Int32),
            PhysicalType.Int64 => Same(ArrowTypeKind.Int64),
            PhysicalType.Float32 => Same(ArrowTypeKind.Float32),
            PhysicalType.Float64 => Same(ArrowTypeKind.Float64),
            PhysicalType.Fixed16 =>
                (new ArrowType(ArrowTypeKind.FixedSizeBinary, SixteenForm.Bytes), SixteenForm.Instance),
            _ => Same(ArrowTypeKind.Binary),
        },
    };

    private static (ArrowType, ColumnForm) NumericOf(SqlType type)
    {
        if (type.Modifier < 0)
            return (new ArrowType(ArrowTypeKind.Utf8), NumericTextForm.Instance);
        int precision = TypeModifiers.NumericPrecision(type.Modifier),
            scale = TypeModifiers.NumericScale(type.Modifier);
        return precision <= ArrowType.Decimal128DigitsMax && scale >= 0 && scale <= precision
            ? (new ArrowType(ArrowTypeKind.Decimal128, precision, scale), new DecimalForm(scale))
            : (new ArrowType(ArrowTypeKind.Utf8), NumericTextForm.Instance);
    }

    private static (ArrowType, ColumnForm) Same(ArrowTypeKind kind) => (new ArrowType(kind), SameForm.Instance);
}
