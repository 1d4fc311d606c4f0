using System.Buffers;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>regconfig and regdictionary: object ids that read and print as names.</summary>
/// <remarks>There are none but those built in, so no session is asked, and a literal is a constant.</remarks>
internal sealed class TextSearchNameFormat(string what, IReadOnlyList<(uint Oid, string Name)> known) : OidFormat("oid")
{
    private const string Schema = "pg_catalog";

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        var builder = (FixedColumnBuilder<long>)target;
        if (utf8 is [(byte)'-'])
            builder.Append(0L);
        else if (utf8.Length > 0 && utf8.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
            builder.Append(ReadNumber(utf8, "oid"));
        else
            builder.Append(Find(Encoding.UTF8.GetString(utf8)));
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        uint oid = (uint)((FixedColumn<long>)source)[row];
        string? name = known.FirstOrDefault(entry => entry.Oid == oid).Name;
        if (name is not null)
            Encoding.UTF8.GetBytes(name, target);
        else if (oid == 0)
            target.WriteByte((byte)'-');
        else
            target.WriteDecimal(oid);
    }

    private uint Find(string text)
    {
        string[] parts = [.. text.Split('.').Select(static part => Fold(part.Trim()))];
        foreach ((uint oid, string name) in known)
        {
            if (parts[^1] == name && (parts.Length == 1 || parts is [Schema, _]))
                return oid;
        }
        throw new SqlException(SqlState.UndefinedObject, $"text search {what} \"{string.Join('.', parts)}\" does not exist");
    }

    private static string Fold(string part) => part is ['"', .. var inner, '"']
        ? inner.Replace("\"\"", "\"", StringComparison.Ordinal) : part.ToLowerInvariant();
}
