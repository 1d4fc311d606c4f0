namespace VecSQL.Columnar.Ipc;

/// <summary>Schemas as FlatBuffers.</summary>
internal static class SchemaWriter
{
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

    private static int WriteMetadata(FlatBufferBuilder target, IReadOnlyList<KeyValuePair<string, string>> pairs)
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

    private static int WriteField(FlatBufferBuilder target, ArrowField field)
    {
        int name = target.String(field.Name);
        int dictionary = 0;
        ArrowType type = field.Type;
        if (type.Kind == ArrowTypeKind.Dictionary)
        {
            dictionary = WriteDictionary(target, type);
            type = type.Children[0].Type; // a field has its values' type, and beside it that they are numbered
        }
        int[] childPlaces = new int[type.Children.Count];
        for (int i = 0; i < childPlaces.Length; i++)
            childPlaces[i] = WriteField(target, type.Children[i]);
        int children = childPlaces.Length > 0 ? target.References(childPlaces) : 0;
        int typePlace = WriteType(target, type, out byte code);
        int metadata = WriteMetadata(target, field.Metadata);
        if (children == 0)
            children = target.References([]); // some readers insist on the vector
        target.StartTable();
        target.Reference(IpcFormat.Field.Name, name);
        target.Reference(IpcFormat.Field.Type, typePlace);
        if (dictionary != 0)
            target.Reference(IpcFormat.Field.Dictionary, dictionary);
        target.Reference(IpcFormat.Field.Children, children);
        if (metadata != 0)
            target.Reference(IpcFormat.Field.Metadata, metadata);
        target.Byte(IpcFormat.Field.TypeCode, code);
        target.Byte(IpcFormat.Field.Nullable, field.IsNullable ? (byte)1 : (byte)0);
        return target.EndTable();
    }

    private static int WriteDictionary(FlatBufferBuilder target, ArrowType type)
    {
        int index = WriteType(target, new ArrowType(type.Index), out _);
        target.StartTable();
        target.Int64(IpcFormat.Field.DictionaryId, type.DictionaryId);
        target.Reference(IpcFormat.Field.DictionaryIndex, index);
        target.Byte(IpcFormat.Field.DictionaryOrdered, type.Flag ? (byte)1 : (byte)0);
        return target.EndTable();
    }

    private static int WriteType(FlatBufferBuilder target, ArrowType type, out byte code)
    {
        int zone = type.Zone is null ? 0 : target.String(type.Zone);
        int typeIds = type.Kind == ArrowTypeKind.Union ? target.Int32s([.. type.TypeIds]) : 0;
        code = IpcFormat.CodeOf(type.Kind);
        target.StartTable();
        switch (type.Kind)
        {
            case >= ArrowTypeKind.Int8 and <= ArrowTypeKind.UInt64:
                target.Int32(0, type.WidthBytes * 8);
                target.Byte(1, type.Kind <= ArrowTypeKind.Int64 ? (byte)1 : (byte)0);
                break;
            case ArrowTypeKind.Float16 or ArrowTypeKind.Float32 or ArrowTypeKind.Float64:
                target.Int16(0, (short)(type.Kind - ArrowTypeKind.Float16)); // half, single, double
                break;
            case ArrowTypeKind.FixedSizeBinary or ArrowTypeKind.FixedSizeList:
                target.Int32(0, type.Size);
                break;
            case ArrowTypeKind.Map:
                target.Byte(0, type.Flag ? (byte)1 : (byte)0);
                break;
            case ArrowTypeKind.Union:
                target.Reference(1, typeIds);
                target.Int16(0, type.IsDense ? (short)1 : (short)0);
                break;
            case ArrowTypeKind.Date32 or ArrowTypeKind.Date64:
                target.Int16(0, type.Kind == ArrowTypeKind.Date32 ? (short)0 : (short)1);
                break;
            case ArrowTypeKind.Time32 or ArrowTypeKind.Time64:
                target.Int32(1, type.WidthBytes * 8);
                target.Int16(0, (short)type.Unit);
                break;
            case ArrowTypeKind.Timestamp:
                if (zone != 0)
                    target.Reference(1, zone);
                target.Int16(0, (short)type.Unit);
                break;
            case ArrowTypeKind.Duration:
                target.Int16(0, (short)type.Unit);
                break;
            case ArrowTypeKind.IntervalYearMonth or ArrowTypeKind.IntervalDayTime or ArrowTypeKind.IntervalMonthDayNano:
                target.Int16(0, (short)(type.Kind - ArrowTypeKind.IntervalYearMonth));
                break;
            case ArrowTypeKind.Decimal128 or ArrowTypeKind.Decimal256:
                target.Int32(0, type.Size);
                target.Int32(1, type.Scale);
                target.Int32(2, type.WidthBytes * 8);
                break;
        }
        return target.EndTable();
    }
}
