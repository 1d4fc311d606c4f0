using Microsoft.Extensions.Logging;

namespace VecSQL.Wire;

/// <summary>The wire's log messages: ids 9000 to 9999.</summary>
internal static partial class Log
{
    [LoggerMessage(9001, LogLevel.Warning, "connection from {Address} broke the protocol: {Reason}")]
    public static partial void ProtocolViolation(ILogger log, string address, string reason);

    [LoggerMessage(9002, LogLevel.Error, "session {BackendId}: unexpected error")]
    public static partial void UnexpectedError(ILogger log, int backendId, Exception error);

    [LoggerMessage(9003, LogLevel.Warning, "connection could not be accepted")]
    public static partial void AcceptFailed(ILogger log, Exception error);

    [LoggerMessage(9005, LogLevel.Warning, "login of user {User} from {Address} was refused by the rule in line {Line}: {Reason}")]
    public static partial void LoginRefused(ILogger log, string address, string user, int line, string reason);

    [LoggerMessage(9006, LogLevel.Warning, "connection from {Address} ended before it began: {Reason}")]
    public static partial void StartFailed(ILogger log, string address, string reason);

    [LoggerMessage(9004, LogLevel.Error, "connection ended by an unexpected error")]
    public static partial void ConnectionFailed(ILogger log, Exception error);
}
