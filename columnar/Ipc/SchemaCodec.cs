namespace VecSQL.Columnar.Ipc;

/// <summary>Schemas as FlatBuffers, and back.</summary>
internal static class SchemaCodec
{
    private const int FieldsMax = 10_000, MetadataMax = 10_000;

    internal static int Write(FlatBufferBuilder target, ArrowSchema schema)
    {
        int[] fields = new int[schema.Fields.Count];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = WriteField(target, schema.Fields[i]);
        int fieldList = target.References(fields);
        int metadata = WriteMetadata(target, schema.Metadata);
        target.StartTable();
        target.Int16(IpcFormat.Field.SchemaEndianness, 0);
        target.Reference(IpcFormat.Field.SchemaFields, fieldList);
        if (metadata != 0)
            target.Reference(IpcFormat.Field.SchemaMetadata, metadata);
        return target.EndTable();
    }

    internal static int WriteMetadata(FlatBufferBuilder target, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        if (pairs.Count == 0)
            return 0;
        int[] places = new int[pairs.Count];
        for (int i = 0; i < places.Length; i++)
        {
            int key = target.String(pairs[i].Key), value = target.String(pairs[i].Value);
            target.StartTable();
            target.Reference(IpcFormat.Field.Key, key);
            target.Reference(IpcFormat.Field.Value, value);
            places[i] = target.EndTable();
        }
        return target.References(places);
    }

    /// <exception cref="FlatBufferException">The table is damaged, or a type is not supported.</exception>
    internal static ArrowSchema Read(FlatTable schema)
    {
        if (schema.Int16(IpcFormat.Field.SchemaEndianness) != 0)
            throw new FlatBufferException("big-endian files are not supported");
        int count = schema.Count(IpcFormat.Field.SchemaFields);
        if (count > FieldsMax)
            throw new FlatBufferException($"{count} fields are too many");
        ArrowField[] fields = new ArrowField[count];
        for (int i = 0; i < count; i++)
            fields[i] = ReadField(schema.Element(IpcFormat.Field.SchemaFields, i));
        return new ArrowSchema(fields, ReadMetadata(schema, IpcFormat.Field.SchemaMetadata));
    }

    internal static KeyValuePair<string, string>[] ReadMetadata(FlatTable table, int field)
    {
        int count = table.Count(field);
        if (count > MetadataMax)
            throw new FlatBufferException($"{count} metadata entries are too many");
        KeyValuePair<string, string>[] pairs = new KeyValuePair<string, string>[count];
        for (int i = 0; i < count; i++)
        {
            FlatTable pair = table.Element(field, i);
            pairs[i] = new(pair.String(IpcFormat.Field.Key), pair.String(IpcFormat.Field.Value));
        }
        return pairs;
    }

    private static int WriteField(FlatBufferBuilder target, ArrowField field)
    {
        int name = target.String(field.Name);
        int children = 0;
        if (field.Type.Kind == ArrowTypeKind.FixedSizeList)
        {
            ArrowField child = new("item", new ArrowType(field.Type.Child), IsNullable: true, []);
            children = target.References([WriteField(target, child)]);
        }
        int type = WriteType(target, field.Type, out byte code);
        int metadata = WriteMetadata(target, field.Metadata);
        if (children == 0)
            children = target.References([]); // some readers insist on the vector
        target.StartTable();
        target.Reference(IpcFormat.Field.Name, name);
        target.Reference(IpcFormat.Field.Type, type);
        target.Reference(IpcFormat.Field.Children, children);
        if (metadata != 0)
            target.Reference(IpcFormat.Field.Metadata, metadata);
        target.Byte(IpcFormat.Field.TypeCode, code);
        target.Byte(IpcFormat.Field.Nullable, field.IsNullable ? (byte)1 : (byte)0);
        return target.EndTable();
    }

    private static int WriteType(FlatBufferBuilder target, ArrowType type, out byte code)
    {
        int zone = type.Kind == ArrowTypeKind.TimestampUtc ? target.String("UTC") : 0;
        target.StartTable();
        switch (type.Kind)
        {
            case ArrowTypeKind.Bool:
                code = IpcFormat.Code.Bool;
                break;
            case ArrowTypeKind.Int16 or ArrowTypeKind.Int32 or ArrowTypeKind.Int64:
                code = IpcFormat.Code.Int;
                target.Int32(0, type.WidthBytes * 8);
                target.Byte(1, 1); // signed
                break;
            case ArrowTypeKind.Float16 or ArrowTypeKind.Float32 or ArrowTypeKind.Float64:
                code = IpcFormat.Code.FloatingPoint;
                target.Int16(0, (short)(type.Kind - ArrowTypeKind.Float16)); // half, single, double
                break;
            case ArrowTypeKind.Utf8:
                code = IpcFormat.Code.Utf8;
                break;
            case ArrowTypeKind.Binary:
                code = IpcFormat.Code.Binary;
                break;
            case ArrowTypeKind.FixedSizeBinary:
                code = IpcFormat.Code.FixedSizeBinary;
                target.Int32(0, type.Size);
                break;
            case ArrowTypeKind.FixedSizeList:
                code = IpcFormat.Code.FixedSizeList;
                target.Int32(0, type.Size);
                break;
            case ArrowTypeKind.Date32:
                code = IpcFormat.Code.Date;
                target.Int16(0, 0); // days
                break;
            case ArrowTypeKind.Time64Microseconds:
                code = IpcFormat.Code.Time;
                target.Int32(1, 64);
                target.Int16(0, Microseconds);
                break;
            case ArrowTypeKind.Timestamp or ArrowTypeKind.TimestampUtc:
                code = IpcFormat.Code.Timestamp;
                if (zone != 0)
                    target.Reference(1, zone);
                target.Int16(0, Microseconds);
                break;
            case ArrowTypeKind.Decimal128:
                code = IpcFormat.Code.Decimal;
                target.Int32(0, type.Size);
                target.Int32(1, type.Scale);
                target.Int32(2, 128);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type));
        }
        return target.EndTable();
    }

    private const short Microseconds = 2;

    private static ArrowField ReadField(FlatTable field)
    {
        if (field.Has(IpcFormat.Field.Dictionary))
            throw new FlatBufferException("dictionary-encoded columns are not supported");
        string name = field.Has(IpcFormat.Field.Name) ? field.String(IpcFormat.Field.Name) : "";
        ArrowType type = ReadType(field, depth: 0);
        return new ArrowField(name, type, field.Byte(IpcFormat.Field.Nullable) != 0,
            ReadMetadata(field, IpcFormat.Field.Metadata));
    }

    private static ArrowType ReadType(FlatTable field, int depth)
    {
        FlatTable type = field.Table(IpcFormat.Field.Type);
        byte code = field.Byte(IpcFormat.Field.TypeCode);
        return code switch
        {
            IpcFormat.Code.Bool => new ArrowType(ArrowTypeKind.Bool),
            IpcFormat.Code.Int => ReadInteger(type),
            // Single halves have no column in memory; they occur in lists only.
            IpcFormat.Code.FloatingPoint when type.Int16(0) <= 2 && type.Int16(0) >= (depth == 0 ? 1 : 0) =>
                new ArrowType((ArrowTypeKind)((int)ArrowTypeKind.Float16 + type.Int16(0))),
            IpcFormat.Code.Utf8 => new ArrowType(ArrowTypeKind.Utf8),
            IpcFormat.Code.Binary => new ArrowType(ArrowTypeKind.Binary),
            IpcFormat.Code.FixedSizeBinary when type.Int32(0) is > 0 and <= 1 << 24 =>
                new ArrowType(ArrowTypeKind.FixedSizeBinary, type.Int32(0)),
            IpcFormat.Code.FixedSizeList when depth == 0 && type.Int32(0) is > 0 and <= 1 << 20 =>
                ArrowType.FixedSizeList(ReadChild(field), type.Int32(0)),
            IpcFormat.Code.Date when type.Int16(0, 1) == 0 => new ArrowType(ArrowTypeKind.Date32),
            IpcFormat.Code.Time when type.Int16(0, 1) == Microseconds && type.Int32(1, 32) == 64 =>
                new ArrowType(ArrowTypeKind.Time64Microseconds),
            IpcFormat.Code.Timestamp when type.Int16(0) == Microseconds =>
                new ArrowType(type.Has(1) ? ArrowTypeKind.TimestampUtc : ArrowTypeKind.Timestamp),
            IpcFormat.Code.Decimal when IsSupportedDecimal(type) =>
                new ArrowType(ArrowTypeKind.Decimal128, type.Int32(0), type.Int32(1)),
            _ => throw new FlatBufferException($"a column of Arrow type {code} with these parameters is not supported"),
        };
    }

    private static ArrowType ReadInteger(FlatTable type) => (type.Int32(0), type.Byte(1)) switch
    {
        (16, 1) => new ArrowType(ArrowTypeKind.Int16),
        (32, 1) => new ArrowType(ArrowTypeKind.Int32),
        (64, 1) => new ArrowType(ArrowTypeKind.Int64),
        (int bits, _) => throw new FlatBufferException($"integers of {bits} bits, or without sign, are not supported"),
    };

    private static bool IsSupportedDecimal(FlatTable type)
    {
        int precision = type.Int32(0), scale = type.Int32(1);
        return type.Int32(2, 128) == 128 && precision is > 0 and <= ArrowType.DecimalDigitsMax
            && scale >= 0 && scale <= precision;
    }

    private static ArrowTypeKind ReadChild(FlatTable field)
    {
        if (field.Count(IpcFormat.Field.Children) != 1)
            throw new FlatBufferException("a list has not exactly one child");
        ArrowType child = ReadType(field.Element(IpcFormat.Field.Children, 0), depth: 1);
        return child.Kind is ArrowTypeKind.Float16 or ArrowTypeKind.Float32
            ? child.Kind
            : throw new FlatBufferException($"lists of {child.Kind} are not supported");
    }
}
