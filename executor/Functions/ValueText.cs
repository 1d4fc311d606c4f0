using System.Buffers;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;

namespace VecSQL.Executor.Functions;

/// <summary>Values as their output functions write them, for functions that take any type.</summary>
internal static class ValueText
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    /// <summary>The text form of a non-null argument; valid until the next call on this thread.</summary>
    public static ReadOnlySpan<byte> Output(this in Row row, int argument, SqlType type)
    {
        if (IsPlainText(type))
            return row.Bytes(argument);
        ArrayBufferWriter<byte> writer = _scratch ??= new ArrayBufferWriter<byte>();
        writer.ResetWrittenCount();
        TypeFormats.For(type.Oid).WriteText(row.Column(argument), row.Index, writer, row.Context.Format);
        return writer.WrittenSpan;
    }

    /// <summary>Types whose values are their own text form.</summary>
    public static bool IsPlainText(SqlType type) =>
        type.Oid is TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Name
        or TypeOid.Unknown or TypeOid.CString or TypeOid.Json;
}
