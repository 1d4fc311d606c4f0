using System.Text.Json;
using System.Text.Json.Serialization;

namespace VecSQL.Cluster.Etcd;

// What goes to etcd's gateway and comes back. Names are etcd's, by the naming policy below; keys and values are base64, 64-bit numbers are texts.
// What has its default is left out, both ways. Source: etcd's documentation, "gRPC gateway" and "API reference".

internal sealed record EtcdHeader(ulong ClusterId = 0, long Revision = 0, ulong RaftTerm = 0);

internal sealed record EtcdKeyValue(byte[]? Key = null, byte[]? Value = null, long CreateRevision = 0, long ModRevision = 0, long Lease = 0);

internal sealed record EtcdRangeRequest(byte[] Key, byte[]? RangeEnd = null, long Limit = 0, bool KeysOnly = false, long MinModRevision = 0);

internal sealed record EtcdRangeAnswer(EtcdHeader? Header = null, IReadOnlyList<EtcdKeyValue?>? Kvs = null) : IEtcdAnswer;

internal sealed record EtcdPutRequest(byte[] Key, ReadOnlyMemory<byte> Value, long Lease);

internal sealed record EtcdDeleteRequest(byte[] Key);

internal sealed record EtcdOperation(EtcdRangeRequest? RequestRange = null, EtcdPutRequest? RequestPut = null, EtcdDeleteRequest? RequestDeleteRange = null);

internal sealed record EtcdCompare(byte[] Key, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long ModRevision)
{
    public string Target => "MOD";

    public string Result => "EQUAL";
}

internal sealed record EtcdTxnRequest(IReadOnlyList<EtcdCompare> Compare, IReadOnlyList<EtcdOperation> Success, IReadOnlyList<EtcdOperation> Failure);

internal sealed record EtcdTxnAnswer(EtcdHeader? Header = null, bool Succeeded = false, IReadOnlyList<EtcdOperationAnswer?>? Responses = null) : IEtcdAnswer;

internal sealed record EtcdOperationAnswer(EtcdRangeAnswer? ResponseRange = null);

internal sealed record EtcdLeaseRequest([property: JsonPropertyName("ID")] long Id = 0, [property: JsonPropertyName("TTL")] long TimeToLive = 0);

internal sealed record EtcdLeaseAnswer(
    EtcdHeader? Header = null, [property: JsonPropertyName("ID")] long Id = 0, [property: JsonPropertyName("TTL")] long TimeToLive = 0) : IEtcdAnswer;

internal sealed record EtcdKeepAliveAnswer(EtcdLeaseAnswer? Result = null, EtcdStreamError? Error = null) : IEtcdAnswer
{
    public EtcdHeader? Header => Result?.Header;
}

internal sealed record EtcdLoginRequest(string Name, string Password);

internal sealed record EtcdLoginAnswer(EtcdHeader? Header = null, string? Token = null) : IEtcdAnswer;

internal sealed record EtcdWatchRequest(EtcdWatchCreation CreateRequest);

internal sealed record EtcdWatchCreation(byte[] Key, byte[]? RangeEnd, long StartRevision);

/// <summary>One line of a watch.</summary>
internal sealed record EtcdWatchMessage(EtcdWatchResult? Result = null, EtcdStreamError? Error = null);

internal sealed record EtcdWatchResult(
    EtcdHeader? Header = null, bool Created = false, bool Canceled = false, string? CancelReason = null, long CompactRevision = 0,
    IReadOnlyList<EtcdEvent?>? Events = null);

internal sealed record EtcdEvent(string? Type = null, EtcdKeyValue? Kv = null);

internal sealed record EtcdStreamError(int GrpcCode = 0, string? Message = null);

internal sealed record EtcdError(int Code = 0, string? Message = null);

internal interface IEtcdAnswer
{
    EtcdHeader? Header { get; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString, MaxDepth = 16)]
[JsonSerializable(typeof(EtcdRangeRequest))]
[JsonSerializable(typeof(EtcdRangeAnswer))]
[JsonSerializable(typeof(EtcdTxnRequest))]
[JsonSerializable(typeof(EtcdTxnAnswer))]
[JsonSerializable(typeof(EtcdLeaseRequest))]
[JsonSerializable(typeof(EtcdLeaseAnswer))]
[JsonSerializable(typeof(EtcdKeepAliveAnswer))]
[JsonSerializable(typeof(EtcdLoginRequest))]
[JsonSerializable(typeof(EtcdLoginAnswer))]
[JsonSerializable(typeof(EtcdWatchRequest))]
[JsonSerializable(typeof(EtcdWatchMessage))]
[JsonSerializable(typeof(EtcdError))]
internal sealed partial class EtcdJson : JsonSerializerContext;
