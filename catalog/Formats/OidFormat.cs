using System.Buffers;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>oid, xid and cid: unsigned 32-bit numbers.</summary>
internal class OidFormat(string name) : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<long>)target).Append(ReadNumber(utf8, name));

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteDecimal(((FixedColumn<long>)source)[row]);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        uint value = fields.ReadUInt32();
        fields.ExpectEnd();
        ((FixedColumnBuilder<long>)target).Append(value);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteInt32((int)(uint)((FixedColumn<long>)source)[row]);

    /// <summary>A number of 32 bits; a negative one stands for its two's complement.</summary>
    protected static uint ReadNumber(ReadOnlySpan<byte> utf8, string name)
    {
        if (TextScan.TrimSpaces(utf8).IsEmpty)
            throw FormatErrors.Syntax(name, utf8);
        return (uint)IntegerText.Read(utf8, name, int.MinValue, uint.MaxValue);
    }
}

/// <summary>regclass, regtype and their like: object ids that read and print as names.</summary>
/// <remarks>
/// Names are the catalog's: <see cref="FormatContext.Names"/> knows them. Built-in types need no catalog.
/// </remarks>
internal sealed class RegFormat(uint typeOid, string name) : NamedOidFormat
{
    private protected override uint Find(string text, FormatContext context)
    {
        if (context.Names is { } names)
            return names.Find(typeOid, text);
        if (typeOid == TypeOid.RegType && BuiltinTypes.TryFindByName(text, out TypeEntry? entry))
            return entry.Oid;
        throw new SqlException(SqlState.FeatureNotSupported,
            $"cannot look up the name \"{text}\" for type {name} here");
    }

    private protected override string? NameOf(uint oid, FormatContext context)
    {
        if (context.Names is { } names)
            return names.NameOf(typeOid, oid);
        return typeOid == TypeOid.RegType && BuiltinTypes.TryFind(oid, out _) ? BuiltinTypes.FormatType(oid, null)
            : null;
    }
}
