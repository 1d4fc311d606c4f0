using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Arrow;

/// <summary>Which Arrow type shows which SQL type.</summary>
/// <remarks>The table is in docs/formats/arrow.md.</remarks>
internal sealed class ArrowForms(FormatContext context)
{
    // What SELECT shows, whatever the client has set dates to look like.
    private readonly FormatContext _context = context with { DateStyle = DateStyle.Iso, ByteaHex = true, ExtraFloatDigits = 1 };
    private long _dictionaries;

    /// <summary>The form of a column, and of its elements' where it has dictionaries: each call gives those numbers of their own.</summary>
    internal ArrowForm Of(SqlType type) => type.Oid switch
    {
        TypeOid.Bool => new PlainForm(new ArrowType(ArrowTypeKind.Bool)),
        TypeOid.Int2 => new PlainForm(new ArrowType(ArrowTypeKind.Int16)),
        TypeOid.Int4 => new PlainForm(new ArrowType(ArrowTypeKind.Int32)),
        TypeOid.Int8 or TypeOid.Oid or TypeOid.Xid or TypeOid.Cid => new PlainForm(new ArrowType(ArrowTypeKind.Int64)),
        TypeOid.Float4 => new PlainForm(new ArrowType(ArrowTypeKind.Float32)),
        TypeOid.Float8 => new PlainForm(new ArrowType(ArrowTypeKind.Float64)),
        TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Name or TypeOid.Unknown =>
            new PlainForm(new ArrowType(ArrowTypeKind.Utf8)),
        TypeOid.Json or TypeOid.Jsonb => new PlainForm(new ArrowType(ArrowTypeKind.Utf8), "arrow.json"),
        TypeOid.Bytea => new PlainForm(new ArrowType(ArrowTypeKind.Binary)),
        TypeOid.Date => new PlainForm(new ArrowType(ArrowTypeKind.Date32)),
        TypeOid.Time => new PlainForm(ArrowType.Time(ArrowUnit.Microsecond)),
        TypeOid.Timestamp => new PlainForm(ArrowType.Timestamp(ArrowUnit.Microsecond)),
        TypeOid.TimestampTz => new PlainForm(ArrowType.Timestamp(ArrowUnit.Microsecond, "UTC")),
        TypeOid.Interval => new IntervalForm(),
        TypeOid.Uuid => new UuidForm(),
        TypeOid.Numeric => NumericOf(type),
        TypeOid.Vector => VectorOf(ArrowTypeKind.Float32, type.Modifier),
        TypeOid.HalfVector => VectorOf(ArrowTypeKind.Float16, type.Modifier),
        TypeOid.SparseVector => new SparseVectorForm(hasDimensions: type.Modifier <= 0),
        TypeOid.Bit when type.Modifier > 0 => new BitsForm(type.Modifier),
        _ when UserTypeOid.IsEnum(type.Oid) && _context.Names?.FindType(type.Oid) is EnumTypeEntry entry =>
            new EnumForm(_dictionaries++, entry),
        _ when BuiltinTypes.ElementOf(type.Oid) is var element and not 0
            && type.Oid is not (TypeOid.Name or TypeOid.Int2Vector or TypeOid.OidVector) =>
            new ArrayForm(element, Of(new SqlType(element, type.Modifier))),
        _ => new TextForm(type.Oid, _context),
    };

    /// <summary>The field of a result's column.</summary>
    internal ArrowField FieldOf(ResultColumnInfo column, ArrowForm form) => FieldOf(
        column.Name, column.Type, form, column.TableOid == 0 ? null : _context.Names?.ModelOf(column.TableOid, column.ColumnNumber));

    /// <param name="model">What made its vectors; null where that is not known.</param>
    internal static ArrowField FieldOf(string name, SqlType type, ArrowForm form, string? model = null)
    {
        List<KeyValuePair<string, string>> metadata =
        [
            new(Storage.Segments.ArrowKeys.Type, type.Oid.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new(Storage.Segments.ArrowKeys.Modifier, type.Modifier.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ];
        if (model is not null)
            metadata.Add(new(Storage.Segments.ArrowKeys.Model, model));
        if (form.Extension is { } extension)
        {
            metadata.Add(new(ArrowField.ExtensionKey, extension));
            metadata.Add(new(ArrowField.ExtensionMetadataKey, ""));
        }
        return new ArrowField(name, form.Type, IsNullable: true, metadata, form.IsCompressed);
    }

    private ArrowForm NumericOf(SqlType type)
    {
        if (type.Modifier < 0)
            return new TextForm(TypeOid.Numeric, _context);
        int precision = TypeModifiers.NumericPrecision(type.Modifier), scale = TypeModifiers.NumericScale(type.Modifier);
        return scale < 0 || scale > precision || precision > ArrowType.Decimal256DigitsMax ? new TextForm(TypeOid.Numeric, _context)
            : precision <= ArrowType.Decimal128DigitsMax ? new DecimalForm(ArrowTypeKind.Decimal128, precision, scale)
            : new DecimalForm(ArrowTypeKind.Decimal256, precision, scale);
    }

    private static ArrowForm VectorOf(ArrowTypeKind element, int dimensions) => dimensions > 0
        ? new PlainForm(ArrowType.FixedSizeList(element, dimensions))
        : new LooseVectorForm(element);
}
