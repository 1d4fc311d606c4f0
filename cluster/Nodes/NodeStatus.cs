using Google.Protobuf;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;

namespace VecSQL.Cluster.Nodes;

/// <summary>What a live node says of itself every few seconds: the value of a key that goes with its lease.</summary>
/// <param name="Process">As in <see cref="NodeRecord"/>: two processes of one node are told apart.</param>
/// <param name="Clock">What its clock said when it said so.</param>
/// <param name="SlowestRenewal">The longest time between two renewals of its lease since it said so the last time.</param>
public sealed record NodeStatus(ulong Process, DateTimeOffset Clock, MachineFigures Machine, TimeSpan SlowestRenewal)
{
    /// <summary>It ends soon, and is to be the primary of nothing.</summary>
    public bool IsLeaving { get; init; }

    public const string KeyPrefix = "alive/";

    public static string KeyOf(NodeId node) => $"{KeyPrefix}{node.Value:x8}";

    /// <summary>Of a key; none where it is no node's.</summary>
    public static NodeId NodeOf(string key) =>
        int.TryParse(key.AsSpan(key.LastIndexOf('/') + 1), System.Globalization.NumberStyles.AllowHexSpecifier, null, out int id) && id > 0
            ? new NodeId(id) : default;

    public byte[] Encode() => new NodeStatusMessage
    {
        Process = Process,
        Clock = (Clock - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
        Cpu = Machine.Cpu,
        MemoryUsed = Machine.MemoryUsed,
        MemoryTotal = Machine.MemoryTotal,
        DiskFree = Machine.DiskFree,
        DiskTotal = Machine.DiskTotal,
        SlowestRenewalMicroseconds = (long)SlowestRenewal.TotalMicroseconds,
        IsLeaving = IsLeaving,
    }.ToByteArray();

    /// <exception cref="InvalidDataException">The bytes are no node's status.</exception>
    public static NodeStatus Decode(ReadOnlySpan<byte> bytes)
    {
        const long MicrosecondsMax = 200_000_000_000_000_000; // some six thousand years
        NodeStatusMessage message = NodeRecord.Read(NodeStatusMessage.Parser, bytes, "node's status");
        MachineFigures machine = new(double.IsFinite(message.Cpu) ? message.Cpu : 0, message.MemoryUsed, message.MemoryTotal, message.DiskFree, message.DiskTotal);
        return new NodeStatus(message.Process, DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Clamp(message.Clock, 0, MicrosecondsMax)), machine,
            TimeSpan.FromMicroseconds(Math.Clamp(message.SlowestRenewalMicroseconds, 0, MicrosecondsMax))) { IsLeaving = message.IsLeaving };
    }
}

/// <summary>How a machine is getting on. What is not known is 0.</summary>
/// <param name="Cpu">Share of all cores that the node's process used of late, 0 to 1.</param>
/// <param name="MemoryUsed">Bytes of the process.</param>
/// <param name="MemoryTotal">Bytes that it may use.</param>
/// <param name="DiskFree">Bytes, of the disk where its data lies.</param>
public readonly record struct MachineFigures(double Cpu, long MemoryUsed, long MemoryTotal, long DiskFree, long DiskTotal);
