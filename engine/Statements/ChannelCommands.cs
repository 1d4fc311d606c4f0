using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>LISTEN, UNLISTEN and NOTIFY.</summary>
internal static class ChannelCommands
{
    private const int ChannelBytesMax = 64, PayloadBytesMax = 8000;

    internal static CommandWork Open(SessionState session, Statement statement) => new(_ =>
    {
        switch (statement)
        {
            case ListenStatement listen:
                session.Channels.Listen(listen.Channel);
                break;
            case UnlistenStatement unlisten:
                session.Channels.Unlisten(unlisten.Channel);
                break;
            case NotifyStatement notify:
                Notify(session, notify.Channel, notify.Payload ?? "");
                break;
        }
        return new ValueTask<string>(StatementNames.Of(statement));
    });

    internal static void Notify(SessionState session, string channel, string payload)
    {
        if (channel.Length == 0)
            throw new SqlException(SqlState.InvalidParameterValue, "channel name cannot be empty");
        if (Encoding.UTF8.GetByteCount(channel) >= ChannelBytesMax)
            throw new SqlException(SqlState.InvalidParameterValue, "channel name too long");
        if (Encoding.UTF8.GetByteCount(payload) >= PayloadBytesMax)
            throw new SqlException(SqlState.InvalidParameterValue, "payload string too long");
        session.Channels.Notify(channel, payload);
    }
}
