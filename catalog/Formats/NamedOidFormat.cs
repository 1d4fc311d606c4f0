using System.Buffers;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>Object ids that read and print as names; none prints as a dash, one without a name as a number.</summary>
internal abstract class NamedOidFormat() : OidFormat("oid")
{
    public sealed override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        var builder = (FixedColumnBuilder<long>)target;
        if (utf8 is [(byte)'-'])
            builder.Append(0L);
        else if (utf8.Length > 0 && utf8.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
            builder.Append(ReadNumber(utf8, "oid"));
        else
            builder.Append(Find(Encoding.UTF8.GetString(utf8), context));
    }

    public sealed override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        uint oid = (uint)((FixedColumn<long>)source)[row];
        if (oid == 0)
            target.WriteByte((byte)'-');
        else if (NameOf(oid, context) is { } known)
            Encoding.UTF8.GetBytes(known, target);
        else
            target.WriteDecimal(oid);
    }

    /// <exception cref="SqlException">The name is nobody's.</exception>
    private protected abstract uint Find(string text, FormatContext context);

    /// <summary>Null where the object has none.</summary>
    private protected abstract string? NameOf(uint oid, FormatContext context);
}
