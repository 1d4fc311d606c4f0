using System.Net.Sockets;
using Npgsql;

namespace VecSQL.Bench.Chaos;

/// <summary>What a client knows of a call when it is over.</summary>
internal enum CallOutcome
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>Not done, and never will be.</summary>
    Refused,

    /// <summary>The connection broke, or the server said that it does not know.</summary>
    Unknown,
}

/// <summary>Tells what an error says of the statement.</summary>
internal static class CallErrors
{
    /// <summary>Errors that a client of a cluster may meet, by class or code; any other is the cluster's fault.</summary>
    private static readonly string[] Expected = ["40001", "40P01", "57P01", "57P02", "57P03", "57014", "08", "53100", "53200", "53300"];

    /// <param name="isOurs">Whether it is one that should not have come.</param>
    public static CallOutcome Judge(Exception error, out bool isOurs)
    {
        isOurs = false;
        if (error is PostgresException told)
        {
            isOurs = !Expected.Any(code => told.SqlState.StartsWith(code, StringComparison.Ordinal));
            // 08007: transaction_resolution_unknown; 57P01, 57P02: the session was ended, whatever it was doing.
            return told.SqlState is "08007" or "08006" or "57P01" or "57P02" ? CallOutcome.Unknown : CallOutcome.Refused;
        }
        if (error is NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException or ObjectDisposedException)
            return CallOutcome.Unknown;
        isOurs = true;
        return CallOutcome.Unknown;
    }
}
