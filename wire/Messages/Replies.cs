using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Wire.Messages;

/// <summary>The backend's messages, one method each.</summary>
/// <remarks>Source: PostgreSQL manual, "Frontend/Backend Protocol", section "Message Formats".</remarks>
internal static class Replies
{
    public static void AuthenticationOk(this ReplyWriter reply)
    {
        reply.Begin('R');
        reply.Int32(0);
        reply.End();
    }

    public const int SaslContinue = 11, SaslFinal = 12;

    public static void AuthenticationCleartextPassword(this ReplyWriter reply)
    {
        reply.Begin('R');
        reply.Int32(3);
        reply.End();
    }

    /// <summary>Offers mechanisms, the best first.</summary>
    public static void AuthenticationSasl(this ReplyWriter reply, IReadOnlyList<string> mechanisms)
    {
        reply.Begin('R');
        reply.Int32(10);
        foreach (string mechanism in mechanisms)
            reply.CString(mechanism);
        reply.Byte(0);
        reply.End();
    }

    /// <param name="code"><see cref="SaslContinue"/> or <see cref="SaslFinal"/>.</param>
    public static void AuthenticationData(this ReplyWriter reply, int code, string data)
    {
        reply.Begin('R');
        reply.Int32(code);
        reply.Bytes(System.Text.Encoding.UTF8.GetBytes(data));
        reply.End();
    }

    public static void ParameterStatus(this ReplyWriter reply, string name, string value)
    {
        reply.Begin('S');
        reply.CString(name);
        reply.CString(value);
        reply.End();
    }

    public static void BackendKeyData(this ReplyWriter reply, int backendId, int secretKey)
    {
        reply.Begin('K');
        reply.Int32(backendId);
        reply.Int32(secretKey);
        reply.End();
    }

    /// <summary>Asks the client to make do with protocol 3.0 and without the options named.</summary>
    public static void NegotiateProtocolVersion(this ReplyWriter reply, IReadOnlyList<string> unknownOptions)
    {
        reply.Begin('v');
        reply.Int32(0);
        reply.Int32(unknownOptions.Count);
        foreach (string option in unknownOptions)
            reply.CString(option);
        reply.End();
    }

    public static void ReadyForQuery(this ReplyWriter reply, TransactionStatus status)
    {
        reply.Begin('Z');
        reply.Byte((byte)status);
        reply.End();
    }

    public static void CommandComplete(this ReplyWriter reply, string tag)
    {
        reply.Begin('C');
        reply.CString(tag);
        reply.End();
    }

    public static void RowDescription(
        this ReplyWriter reply, ImmutableArray<ResultColumnInfo> columns, ReadOnlySpan<short> formats)
    {
        reply.Begin('T');
        reply.Int16(columns.Length);
        for (int i = 0; i < columns.Length; i++)
        {
            ResultColumnInfo column = columns[i];
            reply.CString(column.Name);
            reply.Int32((int)column.TableOid);
            reply.Int16(column.ColumnNumber);
            reply.Int32((int)column.Type.Oid);
            reply.Int16(BuiltinTypes.TryFind(column.Type.Oid, out TypeEntry? type) ? type.Length : -1);
            reply.Int32(column.Type.Modifier);
            reply.Int16(FormatOf(formats, i));
        }
        reply.End();
    }

    public static void ParameterDescription(this ReplyWriter reply, ImmutableArray<SqlType> types)
    {
        reply.Begin('t');
        reply.Int16(types.Length);
        foreach (SqlType type in types)
            reply.Int32((int)type.Oid);
        reply.End();
    }

    /// <summary>CopyInResponse ('G') or CopyOutResponse ('H').</summary>
    public static void CopyResponse(this ReplyWriter reply, char type, bool isBinary, int columnCount)
    {
        reply.Begin(type);
        reply.Byte(isBinary ? (byte)1 : (byte)0);
        reply.Int16(columnCount);
        for (int i = 0; i < columnCount; i++)
            reply.Int16(isBinary ? 1 : 0);
        reply.End();
    }

    public static void Notification(this ReplyWriter reply, SqlNotification notification)
    {
        reply.Begin('A');
        reply.Int32(notification.BackendId);
        reply.CString(notification.Channel);
        reply.CString(notification.Payload);
        reply.End();
    }

    public static void Error(this ReplyWriter reply, SqlException error, string severity = "ERROR")
    {
        reply.Begin('E');
        Field(reply, 'S', severity);
        Field(reply, 'V', severity);
        Field(reply, 'C', error.State.Code);
        Field(reply, 'M', error.Message);
        Field(reply, 'D', error.Detail);
        Field(reply, 'H', error.Hint);
        if (error.Position > 0)
            Field(reply, 'P', error.Position.ToString());
        Field(reply, 'W', error.Where);
        Field(reply, 's', error.SchemaName);
        Field(reply, 't', error.TableName);
        Field(reply, 'c', error.ColumnName);
        Field(reply, 'd', error.DataTypeName);
        Field(reply, 'n', error.ConstraintName);
        Field(reply, 'R', error.Routine);
        reply.Byte(0);
        reply.End();
    }

    public static void Notice(this ReplyWriter reply, SqlNotice notice)
    {
        reply.Begin('N');
        Field(reply, 'S', notice.Severity);
        Field(reply, 'V', notice.Severity);
        Field(reply, 'C', notice.State.Code);
        Field(reply, 'M', notice.Message);
        Field(reply, 'D', notice.Detail);
        Field(reply, 'H', notice.Hint);
        reply.Byte(0);
        reply.End();
    }

    /// <summary>The format of column <paramref name="index"/> where the client gave none, one for all, or one each.</summary>
    public static short FormatOf(ReadOnlySpan<short> formats, int index) =>
        formats.Length == 0 ? (short)0 : formats.Length == 1 ? formats[0] : formats[index];

    private static void Field(ReplyWriter reply, char code, string? value)
    {
        if (value is null)
            return;
        reply.Byte((byte)code);
        reply.CString(value);
    }
}
