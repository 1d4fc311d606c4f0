using Microsoft.Extensions.Logging;

namespace VecSQL.Cluster;

/// <summary>The cluster's log messages: ids 11000 to 11999.</summary>
internal static partial class Log
{
    [LoggerMessage(11001, LogLevel.Warning, "etcd at {Endpoint} is set aside for {Time}: {Reason}")]
    public static partial void EndpointSetAside(ILogger log, Uri endpoint, TimeSpan time, string reason);

    [LoggerMessage(11002, LogLevel.Information, "etcd at {Endpoint} answers again")]
    public static partial void EndpointAnswers(ILogger log, Uri endpoint);
}
