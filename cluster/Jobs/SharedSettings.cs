using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Cluster.Jobs;

/// <summary>Settings that are the whole cluster's: keys under <c>settings/</c>, values as text.</summary>
public static class SharedSettings
{
    public const string MoveBytesName = "move_bytes_per_second", MoveConcurrencyName = "move_concurrency", AutoRebalanceName = "auto_rebalance",
        CheckIntervalName = "replica_check_interval";

    public const string KeyPrefix = "settings/";

    /// <summary>What a copy to another node may take of a node's line and disk, where nothing else is said.</summary>
    private const long MoveBytesDefault = 64L << 20;

    private const int MoveConcurrencyDefault = 2;

    private const long MillisecondsMax = int.MaxValue;

    public static readonly TimeSpan CheckIntervalDefault = TimeSpan.FromMinutes(10);

    /// <summary>Bytes a second that a node sends as copies of shards, all together.</summary>
    public static long MoveBytes(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings) => Number(settings, MoveBytesName) ?? MoveBytesDefault;

    /// <summary>Jobs that are under way at a time.</summary>
    public static int MoveConcurrency(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings) =>
        (int)Math.Clamp(Number(settings, MoveConcurrencyName) ?? MoveConcurrencyDefault, 1, 1000);

    /// <summary>Whether replicas are spread evenly again, whenever they are not.</summary>
    public static bool IsRebalancing(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings) =>
        settings.TryGetValue(AutoRebalanceName, out ReadOnlyMemory<byte> value) && value.Span.SequenceEqual("on"u8);

    /// <summary>How often replicas compare what they hold; zero for never.</summary>
    public static TimeSpan CheckInterval(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings) =>
        Number(settings, CheckIntervalName) is { } milliseconds ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, MillisecondsMax)) : CheckIntervalDefault;

    /// <summary>All with their values as they count now.</summary>
    public static IEnumerable<(string Name, string Value)> List(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings) =>
    [
        (AutoRebalanceName, IsRebalancing(settings) ? "on" : "off"),
        (MoveBytesName, MoveBytes(settings).ToString(CultureInfo.InvariantCulture)),
        (MoveConcurrencyName, MoveConcurrency(settings).ToString(CultureInfo.InvariantCulture)),
        (CheckIntervalName, CheckInterval(settings).TotalMilliseconds.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>A setting's value as it is kept.</summary>
    /// <param name="value">Null for the default.</param>
    /// <exception cref="SqlException">42704: there is no such setting; 22023: it cannot have that value.</exception>
    public static string? Check(string name, string? value)
    {
        if (name is not (MoveBytesName or MoveConcurrencyName or AutoRebalanceName or CheckIntervalName))
        {
            throw new SqlException(SqlState.UndefinedObject, $"unrecognized configuration parameter of the cluster \"{name}\"",
                hint: $"There are {AutoRebalanceName}, {MoveBytesName}, {MoveConcurrencyName} and {CheckIntervalName}.");
        }
        if (value is null)
            return null;
        string? text = name switch
        {
            AutoRebalanceName => value.ToLowerInvariant() switch
            {
                "on" or "true" or "yes" or "1" => "on",
                "off" or "false" or "no" or "0" => "off",
                _ => null,
            },
            CheckIntervalName => Milliseconds(value) is { } interval and (0 or >= 100) and <= MillisecondsMax ? interval.ToString(CultureInfo.InvariantCulture) : null,
            MoveBytesName => Bytes(value) is { } bytes and >= 1 << 16 ? bytes.ToString(CultureInfo.InvariantCulture) : null,
            _ => int.TryParse(value, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= 1000 ? value : null,
        };
        return text ?? throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": \"{value}\"", hint: name switch
        {
            AutoRebalanceName => "It is on or off.",
            CheckIntervalName => "Milliseconds, or a number with ms, s, min, h or d, from 100ms on; 0 for never.",
            MoveBytesName => "Bytes, or a number with kB, MB or GB, from 64kB on.",
            _ => "A number from 1 to 1000.",
        });
    }

    /// <summary>Bytes as people write them.</summary>
    private static long? Bytes(string text)
    {
        (string Unit, int Shift)[] units = [("kB", 10), ("MB", 20), ("GB", 30), ("", 0)];
        (string unit, int shift) = units.First(unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        return long.TryParse(text.AsSpan(0, text.Length - unit.Length).Trim(), CultureInfo.InvariantCulture, out long number) && number >= 0 && number < long.MaxValue >> shift
            ? number << shift : null;
    }

    /// <summary>A time as people write it.</summary>
    private static long? Milliseconds(string text)
    {
        (string Unit, long Milliseconds)[] units = [("ms", 1), ("min", 60_000), ("s", 1000), ("h", 3_600_000), ("d", 86_400_000), ("", 1)];
        (string unit, long milliseconds) = units.First(unit => text.EndsWith(unit.Unit, StringComparison.Ordinal));
        return long.TryParse(text.AsSpan(0, text.Length - unit.Length).Trim(), CultureInfo.InvariantCulture, out long number)
            && number >= 0 && number < long.MaxValue / milliseconds ? number * milliseconds : null;
    }

    public static string Text(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);

    private static long? Number(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings, string name) =>
        settings.TryGetValue(name, out ReadOnlyMemory<byte> value) && long.TryParse(value.Span, CultureInfo.InvariantCulture, out long number) && number >= 0 ? number : null;
}
