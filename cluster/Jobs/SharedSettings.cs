using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace VecSQL.Cluster.Jobs;

/// <summary>Settings that are the whole cluster's: keys under <c>settings/</c>, values as text.</summary>
public static class SharedSettings
{
    public const string MoveBytesName = "move_bytes_per_second", MoveConcurrencyName = "move_concurrency", AutoRebalanceName = "auto_rebalance";

    public const string KeyPrefix = "settings/";

    /// <summary>What a copy to another node may take of a node's line and disk, where nothing else is said.</summary>
    private const long MoveBytesDefault = 64L << 20;

    private const int MoveConcurrencyDefault = 2;

    /// <summary>Bytes a second that a node sends as copies of shards, all together.</summary>
    public static long MoveBytes(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings) => Number(settings, MoveBytesName) ?? MoveBytesDefault;

    /// <summary>Jobs that are under way at a time.</summary>
    public static int MoveConcurrency(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings) =>
        (int)Math.Clamp(Number(settings, MoveConcurrencyName) ?? MoveConcurrencyDefault, 1, 1000);

    /// <summary>Whether replicas are spread evenly again, whenever they are not.</summary>
    public static bool IsRebalancing(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings) =>
        settings.TryGetValue(AutoRebalanceName, out ReadOnlyMemory<byte> value) && value.Span.SequenceEqual("on"u8);

    public static string Text(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);

    private static long? Number(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> settings, string name) =>
        settings.TryGetValue(name, out ReadOnlyMemory<byte> value) && long.TryParse(value.Span, CultureInfo.InvariantCulture, out long number) && number > 0 ? number : null;
}
