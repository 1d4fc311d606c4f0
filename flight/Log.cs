using Microsoft.Extensions.Logging;

namespace VecSQL.Flight;

/// <summary>Flight's log messages: ids 8000 to 8999.</summary>
internal static partial class Log
{
    [LoggerMessage(8001, LogLevel.Error, "call of {Method} ended by an unexpected error")]
    public static partial void CallFailed(ILogger log, string method, Exception error);

    [LoggerMessage(8002, LogLevel.Warning, "Flight connection from {Address} ended before it began: TLS handshake: {Reason}")]
    public static partial void HandshakeFailed(ILogger log, string address, string reason);
}
