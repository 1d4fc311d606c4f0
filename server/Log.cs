using Microsoft.Extensions.Logging;

namespace VecSQL.Server;

/// <summary>The program's log messages: ids 10000 to 10999.</summary>
internal static partial class Log
{
    [LoggerMessage(10001, LogLevel.Information, "rules and certificates were read again")]
    public static partial void SecurityReloaded(ILogger log);

    [LoggerMessage(10002, LogLevel.Warning, "rules and certificates could not be read again and stay as they were: {Reason}")]
    public static partial void SecurityKept(ILogger log, string reason);

    [LoggerMessage(10004, LogLevel.Information, "{Line}")]
    public static partial void Statement(ILogger log, string line);

    [LoggerMessage(10005, LogLevel.Warning, "temporary tables of sessions that are over are left until the node starts again: {Reason}")]
    public static partial void TemporariesLeft(ILogger log, string reason);

    [LoggerMessage(10003, LogLevel.Warning, "rule in line {Line} of {File} is for Unix sockets, of which there are none: it is passed over")]
    public static partial void LocalRule(ILogger log, string file, int line);
}
