using System.Buffers;
using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>Enumerated types: labels, in text and in binary form. Where there is no catalog to ask, and in SQL that is kept, a value is its
/// <see cref="CatalogMark"/>.</summary>
internal sealed class EnumFormat(uint typeOid) : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        Utf8Text.Validate(utf8);
        string text = Encoding.UTF8.GetString(utf8);
        var builder = (FixedColumnBuilder<long>)target;
        EnumTypeEntry? type = context.Names?.FindType(typeOid) as EnumTypeEntry;
        if (type?.FindLabel(text) is { } label)
            builder.Append(Usable(type, label, context).Key);
        else if (CatalogMark.TryReadLabel(text, typeOid, out long key) && (type is null || type.FindLabel(key) is not null))
            builder.Append(key);
        else
            throw new SqlException(SqlState.InvalidTextRepresentation,
                $"invalid input value for enum {CatalogMark.OfType(typeOid)}: \"{text}\"");
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        long key = ((FixedColumn<long>)source)[row];
        if (context.Names is null)
            Encoding.UTF8.GetBytes(CatalogMark.OfLabel(typeOid, key), target);
        else if (context.Names.FindType(typeOid) is EnumTypeEntry type && type.FindLabel(key) is not null)
            target.Write(type.TextOf(key));
        else
            throw new SqlException(SqlState.InvalidBinaryRepresentation, $"invalid internal value for enum: {key}");
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context) =>
        ReadText(bytes, modifier, target, context);

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        WriteText(source, row, target, context);

    private static EnumLabel Usable(EnumTypeEntry type, EnumLabel label, FormatContext context) =>
        context.Names?.MayUse(type, label) == false ? throw EnumTypeEntry.UnsafeUse(type, label) : label;
}
