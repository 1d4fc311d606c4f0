namespace VecSQL.Flight.Grpc;

/// <summary>How long a call may take, as the header <c>grpc-timeout</c> says it: at most eight digits and a unit.</summary>
/// <remarks>Source: gRPC documentation, "gRPC over HTTP2", "Timeout".</remarks>
internal static class GrpcTimeout
{
    private const int DigitsMax = 8;

    private const long Largest = 99_999_999;

    /// <summary>What timers take; longer is as good as never.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);

    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > DigitsMax + 1 || text.AsSpan(0, text.Length - 1).ContainsAnyExceptInRange('0', '9'))
            return false;
        long count = long.Parse(text.AsSpan(0, text.Length - 1));
        long? ticks = text[^1] switch
        {
            'H' => count * TimeSpan.TicksPerHour,
            'M' => count * TimeSpan.TicksPerMinute,
            'S' => count * TimeSpan.TicksPerSecond,
            'm' => count * TimeSpan.TicksPerMillisecond,
            'u' => count * TimeSpan.TicksPerMicrosecond,
            'n' => count / TimeSpan.NanosecondsPerTick,
            _ => null,
        };
        if (ticks is not { } known)
            return false;
        timeout = known < Longest.Ticks ? TimeSpan.FromTicks(known) : Longest;
        return true;
    }

    /// <summary>Rounded up to what the digits can hold.</summary>
    public static string Format(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
            return "1n";
        long microseconds = (timeout.Ticks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond;
        if (microseconds <= Largest)
            return $"{microseconds}u";
        long milliseconds = (microseconds + 999) / 1000;
        return milliseconds <= Largest ? $"{milliseconds}m" : $"{Math.Min((milliseconds + 999) / 1000, Largest)}S";
    }
}
