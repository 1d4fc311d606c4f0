using System.Globalization;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Storage.Segments;

namespace VecSQL.Engine.Arrow;

/// <summary>Which SQL type an Arrow field's values are by themselves, before they become a column's.</summary>
internal static class ArrowTypes
{
    internal const int UuidBytes = 16;

    /// <summary>The type that holds every value of the field; null where there is none: structs, maps, unions.</summary>
    internal static SqlType? NaturalOf(ArrowField field)
    {
        ArrowType type = field.Type;
        return type.Kind switch
        {
            ArrowTypeKind.Null => SqlType.Text,
            ArrowTypeKind.Bool => SqlType.Bool,
            ArrowTypeKind.Int8 or ArrowTypeKind.UInt8 or ArrowTypeKind.Int16 => SqlType.Int2,
            ArrowTypeKind.UInt16 or ArrowTypeKind.Int32 => SqlType.Int4,
            ArrowTypeKind.UInt32 or ArrowTypeKind.Int64 => SqlType.Int8,
            ArrowTypeKind.UInt64 or ArrowTypeKind.Decimal128 or ArrowTypeKind.Decimal256 => SqlType.Numeric,
            ArrowTypeKind.Float16 or ArrowTypeKind.Float32 => SqlType.Float4,
            ArrowTypeKind.Float64 => SqlType.Float8,
            ArrowTypeKind.Utf8 or ArrowTypeKind.LargeUtf8 or ArrowTypeKind.Utf8View => SqlType.Text,
            ArrowTypeKind.FixedSizeBinary when type.Size == UuidBytes && field.Extension == "arrow.uuid" => SqlType.Uuid,
            _ when type.IsBinary => SqlType.Bytea,
            ArrowTypeKind.Date32 or ArrowTypeKind.Date64 => SqlType.Date,
            ArrowTypeKind.Time32 or ArrowTypeKind.Time64 => SqlType.Time,
            ArrowTypeKind.Timestamp => type.Zone is null ? SqlType.Timestamp : SqlType.TimestampTz,
            ArrowTypeKind.Duration or ArrowTypeKind.IntervalYearMonth or ArrowTypeKind.IntervalDayTime
                or ArrowTypeKind.IntervalMonthDayNano => SqlType.Interval,
            ArrowTypeKind.Dictionary => NaturalOf(type.Children[0] with { Metadata = field.Metadata }),
            _ when IsList(type) && NaturalOf(type.Children[0]) is { } element && BuiltinTypes.ArrayOf(element.Oid) is var array and not 0 =>
                new SqlType(array),
            _ => null,
        };
    }

    internal static bool IsList(ArrowType type) =>
        type.Kind is ArrowTypeKind.List or ArrowTypeKind.LargeList or ArrowTypeKind.FixedSizeList;

    /// <summary>Whether it is a struct as sparse vectors are shown.</summary>
    internal static bool IsSparse(ArrowType type) => type.Kind == ArrowTypeKind.Struct
        && type.Children.Any(static child => child.Name == SparseVectorForm.Indices && IsList(child.Type) && IsInteger(child.Type.Children[0]))
        && type.Children.Any(static child => child.Name == SparseVectorForm.Values && IsList(child.Type) && IsNumber(child.Type.Children[0]))
        && type.Children.All(static child => child.Name != SparseVectorForm.Dimensions || child.Type.Kind is not ArrowTypeKind.Dictionary && IsInteger(child));

    private static bool IsInteger(ArrowField field) => NaturalOf(field) is { Oid: TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 };

    private static bool IsNumber(ArrowField field) => IsInteger(field) || NaturalOf(field) is { Oid: TypeOid.Float4 or TypeOid.Float8 };

    /// <summary>The type of a column that is made for a field: what its metadata says it was, or what suits its values best.</summary>
    /// <exception cref="SqlException">42804: no column can hold the field's values.</exception>
    internal static SqlType ColumnTypeOf(ArrowField field)
    {
        if (TypeOfMetadata(field) is { } known && CanBecome(field, known))
            return known;
        ArrowType type = field.Type;
        if (type.Kind == ArrowTypeKind.FixedSizeList && type.Size is > 0 and <= TypeModifiers.VectorDimensionsMax)
        {
            if (type.Children[0].Type.Kind == ArrowTypeKind.Float32)
                return new SqlType(TypeOid.Vector, type.Size);
            if (type.Children[0].Type.Kind == ArrowTypeKind.Float16)
                return new SqlType(TypeOid.HalfVector, type.Size);
        }
        if (type.IsText && field.Extension == "arrow.json")
            return SqlType.Jsonb;
        if (IsSparse(type))
            return SqlType.SparseVector;
        return NaturalOf(field) ?? throw Mismatch(field, "any column");
    }

    /// <summary>Whether values of the field can be tried to be put into a column of the type.</summary>
    internal static bool CanBecome(ArrowField field, SqlType column) => column.Oid switch
    {
        _ when BuiltinTypes.ElementOf(column.Oid) is var element and not 0 && IsList(field.Type) =>
            CanBecome(field.Type.Children[0], new SqlType(element, column.Modifier)),
        TypeOid.SparseVector => IsSparse(field.Type) || NaturalOf(field) is { Oid: TypeOid.Text },
        _ when field.Type.Kind == ArrowTypeKind.Null => true,
        TypeOid.Vector or TypeOid.HalfVector =>
            NaturalOf(field) is { Oid: TypeOid.Text } || (IsList(field.Type) && IsNumber(field.Type.Children[0])),
        _ when NaturalOf(field) is not { } natural => false,
        _ => NaturalOf(field) is { Oid: TypeOid.Text } natural || IsTarget(field, NaturalOf(field)?.Oid ?? 0, column),
    };

    /// <summary>The type with the modifier that the field's metadata names, where it has none and the values alone do not say it: a bit
    /// string's bits, a sparse vector's dimensions. Parameters have no modifiers.</summary>
    internal static SqlType Measured(ArrowField field, SqlType type)
    {
        uint single = BuiltinTypes.ElementOf(type.Oid) is var element and not 0 ? element : type.Oid;
        return type.Modifier <= 0 && single is (TypeOid.Bit or TypeOid.SparseVector) && TypeOfMetadata(field) is { } known
            && known.Oid == type.Oid && CanBecome(field, known) ? known : type;
    }

    internal static SqlException Mismatch(ArrowField field, string column) => new(SqlState.DatatypeMismatch,
        $"Arrow field \"{field.Name}\" of type {field.Type} cannot be put into {column}");

    /// <summary>Numbers become numbers or text, times what has their parts, and so on: what an assignment in SQL would take.</summary>
    private static bool IsTarget(ArrowField field, uint natural, SqlType column)
    {
        if (natural == column.Oid || BuiltinTypes.IsCollatable(column.Oid))
            return true;
        return natural switch
        {
            TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Float4 or TypeOid.Float8 or TypeOid.Numeric =>
                column.Oid is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Float4 or TypeOid.Float8 or TypeOid.Numeric
                    or TypeOid.Oid or TypeOid.Xid or TypeOid.Cid,
            TypeOid.Date or TypeOid.Timestamp or TypeOid.TimestampTz =>
                column.Oid is TypeOid.Date or TypeOid.Timestamp or TypeOid.TimestampTz,
            TypeOid.Time => column.Oid is TypeOid.Interval,
            TypeOid.Bytea => field.Type.Kind != ArrowTypeKind.FixedSizeBinary ? column.Oid is TypeOid.Uuid or TypeOid.Bit
                : (column.Oid == TypeOid.Uuid && field.Type.Size == UuidBytes)
                    || (column.Oid == TypeOid.Bit && (column.Modifier <= 0 || field.Type.Size == (column.Modifier + 7) / 8)),
            _ => false,
        };
    }

    private static SqlType? TypeOfMetadata(ArrowField field) =>
        uint.TryParse(field.Find(ArrowKeys.Type), CultureInfo.InvariantCulture, out uint oid)
        && int.TryParse(field.Find(ArrowKeys.Modifier) ?? "-1", CultureInfo.InvariantCulture, out int modifier)
        && !UserTypeOid.IsUserMade(oid) && BuiltinTypes.TryFind(oid, out TypeEntry? entry) && entry.Kind == 'b'
            ? new SqlType(oid, modifier)
            : null;
}
