using System.Text.Json.Serialization.Metadata;

namespace VecSQL.Cluster.Etcd;

/// <summary>One of etcd's methods, and what may be done about its failure.</summary>
/// <param name="IsRepeatable">Doing it twice is as good as once.</param>
/// <param name="IsCurrent">The answer's revision is that of the whole cluster, not only what the member that answers has seen.</param>
/// <param name="IsUrgent">It needs no disk, and its endpoint is given up sooner.</param>
internal sealed record EtcdCall<TRequest, TAnswer>(
    string Path, JsonTypeInfo<TRequest> Request, JsonTypeInfo<TAnswer> Answer, bool IsRepeatable = true, bool IsCurrent = false, bool IsUrgent = false);

internal static class EtcdCalls
{
    public static readonly EtcdCall<EtcdRangeRequest, EtcdRangeAnswer> Range =
        new("/v3/kv/range", EtcdJson.Default.EtcdRangeRequest, EtcdJson.Default.EtcdRangeAnswer, IsCurrent: true);

    /// <summary>The same in a hurry, to see whether a member is in touch with its leader.</summary>
    public static readonly EtcdCall<EtcdRangeRequest, EtcdRangeAnswer> Touch = Range with { IsUrgent = true };

    public static readonly EtcdCall<EtcdTxnRequest, EtcdTxnAnswer> Txn =
        new("/v3/kv/txn", EtcdJson.Default.EtcdTxnRequest, EtcdJson.Default.EtcdTxnAnswer, IsRepeatable: false, IsCurrent: true);

    /// <summary>A lease that nobody has heard of goes by itself.</summary>
    public static readonly EtcdCall<EtcdLeaseRequest, EtcdLeaseAnswer> Grant =
        new("/v3/lease/grant", EtcdJson.Default.EtcdLeaseRequest, EtcdJson.Default.EtcdLeaseAnswer);

    public static readonly EtcdCall<EtcdLeaseRequest, EtcdKeepAliveAnswer> KeepAlive =
        new("/v3/lease/keepalive", EtcdJson.Default.EtcdLeaseRequest, EtcdJson.Default.EtcdKeepAliveAnswer, IsUrgent: true);

    public static readonly EtcdCall<EtcdLeaseRequest, EtcdLeaseAnswer> Revoke =
        new("/v3/lease/revoke", EtcdJson.Default.EtcdLeaseRequest, EtcdJson.Default.EtcdLeaseAnswer);
}
