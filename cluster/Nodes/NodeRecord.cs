using Google.Protobuf;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;

namespace VecSQL.Cluster.Nodes;

/// <summary>What all nodes know of a node, whether it is alive or not. Layout: <c>cluster/Protocol/nodes.proto</c>.</summary>
/// <param name="Zone">Nodes that may fail together are in one zone; may be empty.</param>
/// <param name="SqlAddress">Where PostgreSQL clients find it, HOST:PORT.</param>
/// <param name="FlightAddress">Where nodes and Flight clients find it: <c>http://HOST:PORT</c>, or <c>https://</c>.</param>
/// <param name="Process">Of the process that was started last: a number that no other has.</param>
public sealed record NodeRecord(NodeId Id, string Name, string Zone, string SqlAddress, string FlightAddress, string Version, ulong Process)
{
    public const string KeyPrefix = "nodes/";

    /// <summary>It is to lose its replicas: it gets no new ones, and is primary of none where another can be.</summary>
    public bool IsDraining { get; init; }

    /// <summary>The node that has taken its name, since it is gone for good; none where it is not.</summary>
    public NodeId ReplacedBy { get; init; }

    /// <summary>It was taken out of the cluster: what it had of shards is made anew elsewhere, and it never comes back.</summary>
    public bool IsRemoved { get; init; }

    public static string KeyOf(NodeId node) => $"{KeyPrefix}{node.Value:x8}";

    public byte[] Encode() => new NodeRecordMessage
    {
        Id = Id.Value,
        Name = Name,
        Zone = Zone,
        SqlAddress = SqlAddress,
        FlightAddress = FlightAddress,
        Version = Version,
        IsDraining = IsDraining,
        Process = Process,
        ReplacedBy = ReplacedBy.Value,
        IsRemoved = IsRemoved,
    }.ToByteArray();

    /// <exception cref="InvalidDataException">The bytes are no node's record.</exception>
    public static NodeRecord Decode(ReadOnlySpan<byte> bytes)
    {
        NodeRecordMessage message = Read(NodeRecordMessage.Parser, bytes, "node's record");
        if (message.Id <= 0)
            throw new InvalidDataException($"a node's record is of node {message.Id}");
        return new NodeRecord(
            new NodeId(message.Id), message.Name, message.Zone, message.SqlAddress, message.FlightAddress, message.Version, message.Process)
        {
            IsDraining = message.IsDraining,
            ReplacedBy = new NodeId(message.ReplacedBy),
            IsRemoved = message.IsRemoved,
        };
    }

    /// <exception cref="InvalidDataException">The bytes are no such message.</exception>
    internal static T Read<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes, string what) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException cause)
        {
            throw new InvalidDataException($"a {what} cannot be read: {cause.Message}", cause);
        }
    }
}
