using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VecSQL.Catalog.Placement;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Transport;

/// <summary>By what nodes of a cluster know each other: each call says of which cluster it is, from which node and for which, and proves it.</summary>
/// <remarks>
/// Proof: an HMAC-SHA-256 of all that by the cluster's secret, which itself is never sent. Who can read a connection could use it again: where the
///        network is not trusted, nodes use TLS.
/// Headers: <c>vecsql-cluster</c>, <c>vecsql-source</c>, <c>vecsql-target</c>, <c>vecsql-proof-bin</c>.
/// </remarks>
public sealed class NodeCredentials(string clusterId, NodeId self, ReadOnlyMemory<byte> secret)
{
    private const string ClusterHeader = "vecsql-cluster", SourceHeader = "vecsql-source", TargetHeader = "vecsql-target", ProofHeader = "vecsql-proof-bin";

    public NodeId Self => self;

    /// <summary>What goes with a call to another node.</summary>
    public GrpcMetadata For(NodeId target)
    {
        GrpcMetadata headers = [];
        headers.Add(ClusterHeader, clusterId);
        headers.Add(SourceHeader, self.ToString());
        headers.Add(TargetHeader, target.ToString());
        headers.Add(ProofHeader, Proof(self, target));
        return headers;
    }

    /// <summary>Which node a call is from.</summary>
    /// <exception cref="GrpcException">UNAUTHENTICATED: it has not proved it. FAILED_PRECONDITION: it is of another cluster, or meant for another node.</exception>
    public NodeId Check(GrpcMetadata headers)
    {
        if (headers.Find(ClusterHeader) is not { } cluster || Node(headers, SourceHeader) is not { IsNone: false } source
            || Node(headers, TargetHeader) is not { IsNone: false } target || headers.FindBytes(ProofHeader) is not { } proof)
            throw new GrpcException(GrpcStatusCode.Unauthenticated, "the call is none of a node: it does not say from whom and for whom it is");
        if (cluster != clusterId)
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, "the call is of another cluster");
        if (!CryptographicOperations.FixedTimeEquals(proof, Proof(source, target)))
            throw new GrpcException(GrpcStatusCode.Unauthenticated, "the call's proof is not by this cluster's secret");
        return target == self ? source : throw new GrpcException(GrpcStatusCode.FailedPrecondition, $"the call is for node {target}, and this is node {self}");
    }

    private byte[] Proof(NodeId source, NodeId target) =>
        HMACSHA256.HashData(secret.Span, Encoding.UTF8.GetBytes($"vecsql node 1\n{clusterId}\n{source}\n{target}"));

    private static NodeId Node(GrpcMetadata headers, string key) =>
        int.TryParse(headers.Find(key), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? new NodeId(id) : default;
}
