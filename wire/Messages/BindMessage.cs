using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Wire.Messages;

/// <summary>Bind ('B'): makes a portal of a statement and parameter values.</summary>
/// <remarks>
/// Layout: portal cstring · statement cstring · count int16 · count × format int16 · count int16 · count × (length int32 · bytes) ·
/// count int16 · count × result format int16. A length of −1 is a null.
/// </remarks>
internal sealed record BindMessage(string Portal, string Statement, Column[] Parameters, short[] ResultFormats)
{
    /// <param name="body">The message.</param>
    /// <param name="describe">Finds the statement, whose parameter types say how to read the values.</param>
    /// <param name="context">The session's settings for text forms.</param>
    /// <exception cref="ProtocolException">The body is shorter or longer than its fields say.</exception>
    /// <exception cref="SqlException">08P01: counts do not fit; 22P02, 22P03 …: a value cannot be read.</exception>
    public static BindMessage Read(
        ref MessageReader body, Func<string, PreparedStatementInfo> describe, FormatContext context)
    {
        string portal = body.ReadCString(), statement = body.ReadCString();
        short[] formats = ReadFormats(ref body);
        int count = (ushort)body.ReadInt16();
        if (formats.Length > 1 && formats.Length != count)
        {
            throw new SqlException(SqlState.ProtocolViolation,
                $"bind message has {formats.Length} parameter formats but {count} parameters");
        }
        PreparedStatementInfo info = describe(statement);
        if (count != info.ParameterTypes.Length)
        {
            throw new SqlException(SqlState.ProtocolViolation,
                $"bind message supplies {count} parameters, but prepared statement \"{statement}\" requires " +
                $"{info.ParameterTypes.Length}");
        }
        var parameters = new Column[count];
        for (int i = 0; i < count; i++)
            parameters[i] = ReadValue(ref body, info.ParameterTypes[i], Replies.FormatOf(formats, i), i, context);
        short[] resultFormats = ReadFormats(ref body);
        body.ExpectEnd();
        if (resultFormats.Length > 1 && resultFormats.Length != (info.Columns?.Length ?? 0))
        {
            throw new SqlException(SqlState.ProtocolViolation,
                $"bind message has {resultFormats.Length} result formats but query has {info.Columns?.Length ?? 0} columns");
        }
        return new BindMessage(portal, statement, parameters, resultFormats);
    }

    private static Column ReadValue(
        ref MessageReader body, SqlType type, short format, int index, FormatContext context)
    {
        PhysicalType physical = BuiltinTypes.PhysicalOf(type.Oid);
        int length = body.ReadInt32();
        if (length == -1)
            return Column.Nulls(physical, 1);
        ReadOnlySpan<byte> bytes = body.ReadBytes(length);
        ColumnBuilder builder = ColumnBuilder.Create(physical, 1);
        if (format == 0)
            TypeFormats.For(type.Oid).ReadText(bytes, type.Modifier, builder, context);
        else
        {
            try
            {
                TypeFormats.For(type.Oid).ReadBinary(bytes, type.Modifier, builder, context);
            }
            catch (SqlException error) when (error.State == SqlState.InvalidBinaryRepresentation)
            {
                throw new SqlException(error.State, $"incorrect binary data format in bind parameter {index + 1}", cause: error)
                {
                    Detail = error.Message,
                };
            }
        }
        return builder.Build().Broadcast(0, 1);
    }

    private static short[] ReadFormats(ref MessageReader body)
    {
        int count = body.ReadInt16();
        if (count < 0)
            throw new ProtocolException("invalid message format");
        if (count == 0)
            return [];
        var formats = new short[count];
        for (int i = 0; i < count; i++)
        {
            formats[i] = body.ReadInt16();
            if (formats[i] is not (0 or 1))
                throw new SqlException(SqlState.InvalidParameterValue, $"unsupported format code: {formats[i]}");
        }
        return formats;
    }
}
