using Google.Protobuf;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;

namespace VecSQL.Flight.Sql;

/// <summary>Schemas as Flight's messages have them: an encapsulated IPC message.</summary>
internal static class SchemaBytes
{
    public static ByteString Of(ArrowSchema schema) =>
        UnsafeByteOperations.UnsafeWrap(new IpcEncoder(schema, isCompressed: false).SchemaMessage().Head());

    public static ByteString Of(IReadOnlyList<ResultColumnInfo> columns, FormatContext context) => Of(ArrowResult.SchemaOf(columns, context));
}
