namespace VecSQL.Columnar.Ipc;

/// <summary>Schemas from FlatBuffers.</summary>
/// <remarks>
/// Trust: parts of a FlatBuffer may be referred to many times, so that a few bytes describe a schema of any size: fields, their depth
///        and the text of all names and metadata are counted against limits.
/// </remarks>
internal ref struct SchemaReader
{
    private int _fieldsLeft, _charactersLeft, _pairsLeft;

    private SchemaReader(int fields, int characters)
    {
        _fieldsLeft = fields;
        _pairsLeft = fields;
        _charactersLeft = characters;
    }

    /// <exception cref="FlatBufferException">The table is damaged, beyond a limit, or a type is not supported.</exception>
    internal static ArrowSchema Read(FlatTable schema)
    {
        if (schema.Int16(IpcFormat.Field.SchemaEndianness) != 0)
            throw new FlatBufferException("big-endian files are not supported");
        SchemaReader reader = new(IpcLimits.FieldsMax, IpcLimits.SchemaTextMax);
        ArrowField[] fields = reader.ReadFields(schema, IpcFormat.Field.SchemaFields, depth: 0);
        return new ArrowSchema(fields, reader.ReadMetadata(schema, IpcFormat.Field.SchemaMetadata));
    }

    private ArrowField[] ReadFields(FlatTable table, int field, int depth)
    {
        int count = table.Count(field);
        if (depth > IpcLimits.DepthMax)
            throw new FlatBufferException($"types nested deeper than {IpcLimits.DepthMax} are not supported");
        if (count > _fieldsLeft)
            throw new FlatBufferException($"more than {IpcLimits.FieldsMax} fields are not supported");
        _fieldsLeft -= count;
        ArrowField[] fields = new ArrowField[count];
        for (int i = 0; i < count; i++)
            fields[i] = ReadField(table.Element(field, i), depth);
        return fields;
    }

    private KeyValuePair<string, string>[] ReadMetadata(FlatTable table, int field)
    {
        int count = table.Count(field);
        if (count == 0)
            return [];
        if (count > _pairsLeft)
            throw new FlatBufferException($"more than {IpcLimits.FieldsMax} metadata entries are not supported");
        _pairsLeft -= count;
        KeyValuePair<string, string>[] pairs = new KeyValuePair<string, string>[count];
        for (int i = 0; i < count; i++)
        {
            FlatTable pair = table.Element(field, i);
            pairs[i] = new(Text(pair, IpcFormat.Field.Key), Text(pair, IpcFormat.Field.Value));
        }
        return pairs;
    }

    private string Text(FlatTable table, int field)
    {
        if (!table.Has(field))
            return "";
        _charactersLeft -= table.Count(field);
        return _charactersLeft >= 0
            ? table.String(field)
            : throw new FlatBufferException($"more than {IpcLimits.SchemaTextMax} bytes of names and metadata are not supported");
    }

    private ArrowField ReadField(FlatTable field, int depth)
    {
        string name = Text(field, IpcFormat.Field.Name);
        ArrowType type = ReadType(field, depth);
        if (field.Has(IpcFormat.Field.Dictionary))
            type = ReadDictionary(field.Table(IpcFormat.Field.Dictionary), type);
        return new ArrowField(name, type, field.Byte(IpcFormat.Field.Nullable) != 0,
            ReadMetadata(field, IpcFormat.Field.Metadata));
    }

    private static ArrowType ReadDictionary(FlatTable encoding, ArrowType values)
    {
        ArrowTypeKind index = encoding.Has(IpcFormat.Field.DictionaryIndex)
            ? ReadInteger(encoding.Table(IpcFormat.Field.DictionaryIndex)).Kind
            : ArrowTypeKind.Int32;
        if (values.Kind == ArrowTypeKind.Null)
            throw new FlatBufferException("a dictionary of nulls is not supported");
        return ArrowType.Dictionary(encoding.Int64(IpcFormat.Field.DictionaryId), index, values,
            encoding.Byte(IpcFormat.Field.DictionaryOrdered) != 0);
    }

    private ArrowType ReadType(FlatTable field, int depth)
    {
        byte code = field.Byte(IpcFormat.Field.TypeCode);
        FlatTable type = field.Table(IpcFormat.Field.Type);
        ArrowField[] children = ReadFields(field, IpcFormat.Field.Children, depth + 1);
        return (code, children.Length) switch
        {
            (IpcFormat.Code.List, 1) => ArrowType.List(children[0]),
            (IpcFormat.Code.LargeList, 1) => ArrowType.LargeList(children[0]),
            (IpcFormat.Code.FixedSizeList, 1) when type.Int32(0) is >= 0 and <= IpcLimits.ListSizeMax =>
                ArrowType.FixedSizeList(children[0], type.Int32(0)),
            (IpcFormat.Code.Struct, _) => ArrowType.Struct(children),
            (IpcFormat.Code.Map, 1) when children[0].Type is { Kind: ArrowTypeKind.Struct, Children.Count: 2 } =>
                ArrowType.Map(children[0], type.Byte(0) != 0),
            (IpcFormat.Code.Union, _) => ReadUnion(type, children),
            (_, 0) => ReadSingle(code, type),
            _ => throw Unsupported(code),
        };
    }

    private static ArrowType ReadUnion(FlatTable type, ArrowField[] children)
    {
        int[] ids = type.Int32s(1);
        if (ids.Length == 0)
            ids = [.. Enumerable.Range(0, children.Length)];
        bool isSound = ids.Length == children.Length && children.Length <= sbyte.MaxValue + 1 && type.Int16(0) is 0 or 1;
        foreach (int id in ids)
            isSound &= id is >= 0 and <= sbyte.MaxValue;
        return isSound ? ArrowType.Union(children, isDense: type.Int16(0) == 1, ids) : throw Unsupported(IpcFormat.Code.Union);
    }

    private static ArrowType ReadSingle(byte code, FlatTable type) => code switch
    {
        IpcFormat.Code.Null => new ArrowType(ArrowTypeKind.Null),
        IpcFormat.Code.Bool => new ArrowType(ArrowTypeKind.Bool),
        IpcFormat.Code.Int => ReadInteger(type),
        IpcFormat.Code.FloatingPoint when type.Int16(0) is >= 0 and <= 2 =>
            new ArrowType((ArrowTypeKind)((int)ArrowTypeKind.Float16 + type.Int16(0))),
        IpcFormat.Code.Utf8 => new ArrowType(ArrowTypeKind.Utf8),
        IpcFormat.Code.LargeUtf8 => new ArrowType(ArrowTypeKind.LargeUtf8),
        IpcFormat.Code.Utf8View => new ArrowType(ArrowTypeKind.Utf8View),
        IpcFormat.Code.Binary => new ArrowType(ArrowTypeKind.Binary),
        IpcFormat.Code.LargeBinary => new ArrowType(ArrowTypeKind.LargeBinary),
        IpcFormat.Code.BinaryView => new ArrowType(ArrowTypeKind.BinaryView),
        IpcFormat.Code.FixedSizeBinary when type.Int32(0) is >= 0 and <= IpcLimits.FixedBytesMax =>
            new ArrowType(ArrowTypeKind.FixedSizeBinary, type.Int32(0)),
        IpcFormat.Code.Date when type.Int16(0, 1) is 0 or 1 =>
            new ArrowType(type.Int16(0, 1) == 0 ? ArrowTypeKind.Date32 : ArrowTypeKind.Date64),
        IpcFormat.Code.Time when (type.Int16(0, 1), type.Int32(1, 32)) is (0 or 1, 32) or (2 or 3, 64) =>
            ArrowType.Time((ArrowUnit)type.Int16(0, 1)),
        IpcFormat.Code.Timestamp when type.Int16(0) is >= 0 and <= 3 =>
            ArrowType.Timestamp((ArrowUnit)type.Int16(0), type.Has(1) && type.Count(1) is > 0 and < 256 ? type.String(1) : null),
        IpcFormat.Code.Duration when type.Int16(0, 1) is >= 0 and <= 3 =>
            ArrowType.Duration((ArrowUnit)type.Int16(0, 1)),
        IpcFormat.Code.Interval when type.Int16(0) is >= 0 and <= 2 =>
            new ArrowType((ArrowTypeKind)((int)ArrowTypeKind.IntervalYearMonth + type.Int16(0))),
        IpcFormat.Code.Decimal => ReadDecimal(type),
        _ => throw Unsupported(code),
    };

    private static ArrowType ReadInteger(FlatTable type) => (type.Int32(0), type.Byte(1) != 0) switch
    {
        (8, true) => new ArrowType(ArrowTypeKind.Int8),
        (16, true) => new ArrowType(ArrowTypeKind.Int16),
        (32, true) => new ArrowType(ArrowTypeKind.Int32),
        (64, true) => new ArrowType(ArrowTypeKind.Int64),
        (8, false) => new ArrowType(ArrowTypeKind.UInt8),
        (16, false) => new ArrowType(ArrowTypeKind.UInt16),
        (32, false) => new ArrowType(ArrowTypeKind.UInt32),
        (64, false) => new ArrowType(ArrowTypeKind.UInt64),
        (int bits, _) => throw new FlatBufferException($"integers of {bits} bits are not supported"),
    };

    private static ArrowType ReadDecimal(FlatTable type)
    {
        int precision = type.Int32(0), scale = type.Int32(1), bits = type.Int32(2, 128);
        (ArrowTypeKind kind, int digitsMax) = bits == 256
            ? (ArrowTypeKind.Decimal256, ArrowType.Decimal256DigitsMax)
            : (ArrowTypeKind.Decimal128, ArrowType.Decimal128DigitsMax);
        return bits is 128 or 256 && precision > 0 && precision <= digitsMax && scale >= -precision && scale <= precision
            ? new ArrowType(kind, precision, scale)
            : throw new FlatBufferException($"decimals of {bits} bits with {precision} digits, {scale} of them behind the point, are not supported");
    }

    private static FlatBufferException Unsupported(byte code) =>
        new($"a column of Arrow type {code} with these parameters is not supported");
}
