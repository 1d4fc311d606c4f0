using Microsoft.Extensions.Logging;

namespace VecSQL.Flight;

/// <summary>Flight's log messages: ids 8000 to 8999.</summary>
internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Error, "call of {Method} ended by an unexpected error")]
    public static partial void CallFailed(ILogger log, string method, Exception error);

    [LoggerMessage(8002, LogLevel.Warning, "Flight connection from {Address} ended before it began: TLS handshake: {Reason}")]
    public static partial void HandshakeFailed(ILogger log, string address, string reason);

    [LoggerMessage(8003, LogLevel.Warning, "Flight login of user {User} from {Address} was refused by the rule in line {Line}: {Reason}")]
    public static partial void LoginRefused(ILogger log, string address, string user, int line, string reason);

    [LoggerMessage(8004, LogLevel.Error, "what no Flight client uses any more could not be closed")]
    public static partial void SweepFailed(ILogger log, Exception error);

    [LoggerMessage(8005, LogLevel.Warning, "a Flight connection could not be accepted")]
    public static partial void AcceptFailed(ILogger log, Exception error);
}
