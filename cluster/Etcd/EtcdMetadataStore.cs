using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Etcd;

/// <summary>The metadata of a cluster, in etcd, spoken to over its HTTP gateway (version 3.4 and later).</summary>
/// <remarks>
/// Reads:   are linearizable: each goes through a quorum.
/// Leases:  a member that was leader until a moment ago may answer that a lease lives which the next leader lets go. So one counts as kept alive only
///          when the member that said so was, after that, in touch with a quorum of the same term.
/// Threads: any.
/// </remarks>
public sealed class EtcdMetadataStore : IMetadataStore, IDisposable
{
    private static readonly EtcdRangeRequest AnyKey = new([0], Limit: 1, KeysOnly: true);

    private readonly EtcdOptions _options;
    private readonly TimeProvider _time;
    private readonly EtcdGateway _gateway;

    public EtcdMetadataStore(EtcdOptions options, TimeProvider time, ILogger log)
    {
        _options = options;
        _time = time;
        _gateway = new EtcdGateway(options, time, new Random(options.Seed), log);
    }

    public async ValueTask<MetadataRange> ReadAsync(string prefix, CancellationToken cancellation)
    {
        EtcdRangeAnswer answer = await _gateway.AskAsync(EtcdCalls.Range, EtcdKeys.Under(prefix), cancellation);
        return Understand(() => EtcdKeys.Range(answer, prefix, Revision(answer)));
    }

    public async ValueTask<MetadataOutcome> CommitAsync(MetadataTransaction transaction, CancellationToken cancellation)
    {
        transaction.Check();
        EtcdTxnRequest request = new(
            [.. transaction.Compares.Select(compare => new EtcdCompare(EtcdKeys.Of(compare.Key), compare.Modified))],
            [
                .. transaction.Puts.Select(put => new EtcdOperation(RequestPut: new EtcdPutRequest(EtcdKeys.Of(put.Key), put.Value, put.Lease.Value))),
                .. transaction.Deletes.Select(key => new EtcdOperation(RequestDeleteRange: new EtcdDeleteRequest(EtcdKeys.Of(key)))),
            ],
            [.. transaction.ReadsOnFailure.Select(prefix => new EtcdOperation(RequestRange: EtcdKeys.Under(prefix)))]);
        EtcdTxnAnswer answer;
        try
        {
            answer = await _gateway.AskAsync(EtcdCalls.Txn, request, cancellation);
        }
        catch (EtcdFailure failure) when (failure.Kind == EtcdFailureKind.NoLease)
        {
            throw new MetadataLeaseEndedException();
        }
        long revision = Revision(answer);
        return answer.Succeeded
            ? new MetadataOutcome(true, revision, [])
            : Understand(() => new MetadataOutcome(false, revision, Found(answer, transaction.ReadsOnFailure, revision)));
    }

    public async ValueTask<LeaseId> GrantAsync(TimeSpan timeToLive, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeToLive, TimeSpan.Zero);
        long seconds = (long)Math.Ceiling(timeToLive.TotalSeconds);
        EtcdLeaseAnswer answer = await _gateway.AskAsync(EtcdCalls.Grant, new EtcdLeaseRequest(TimeToLive: seconds), cancellation);
        return answer.Id != 0 && answer.TimeToLive >= seconds
            ? new LeaseId(answer.Id)
            : throw new MetadataUnavailableException($"etcd has granted a lease of {answer.TimeToLive} s where {seconds} were asked for", isOutcomeUnknown: true);
    }

    public async ValueTask<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancellation)
    {
        EtcdFailure? last = null;
        foreach (EtcdEndpoint endpoint in _gateway.Endpoints.InOrder())
        {
            try
            {
                EtcdKeepAliveAnswer answer = await _gateway.AskAtAsync(endpoint, EtcdCalls.KeepAlive, new EtcdLeaseRequest(lease.Value), cancellation);
                if (answer.Result is not { TimeToLive: > 0 })
                    return false;
                EtcdRangeAnswer after = await _gateway.AskAtAsync(endpoint, EtcdCalls.Touch, AnyKey, cancellation);
                if (after.Header?.RaftTerm == answer.Header?.RaftTerm)
                    return true;
                last = new EtcdFailure(EtcdFailureKind.Unknown, "the leader changed meanwhile");
            }
            catch (EtcdFailure failure) when (failure.Kind == EtcdFailureKind.NoLease)
            {
                return false;
            }
            catch (EtcdFailure failure) when (failure.Kind is EtcdFailureKind.NotDone or EtcdFailureKind.Unknown)
            {
                last = failure;
            }
            catch (EtcdFailure failure)
            {
                throw new MetadataRefusedException($"etcd refuses: {failure.Message}", failure);
            }
        }
        throw new MetadataUnavailableException($"etcd does not answer: {last?.Message}", isOutcomeUnknown: true, last);
    }

    public async ValueTask RevokeAsync(LeaseId lease, CancellationToken cancellation)
    {
        try
        {
            await _gateway.AskAsync(EtcdCalls.Revoke, new EtcdLeaseRequest(lease.Value), cancellation);
        }
        catch (EtcdFailure failure) when (failure.Kind == EtcdFailureKind.NoLease)
        {
            // It has ended, which is what was wanted.
        }
    }

    public async IAsyncEnumerable<MetadataChanges> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using EtcdWatch watch = new(_gateway, _options, _time, prefix, afterRevision);
        while (true)
        {
            foreach (MetadataChanges changes in await watch.NextAsync(cancellation))
                yield return changes;
        }
    }

    public void Dispose() => _gateway.Dispose();

    private static MetadataRange[] Found(EtcdTxnAnswer answer, IReadOnlyList<string> prefixes, long revision)
    {
        if ((answer.Responses?.Count ?? 0) != prefixes.Count)
            throw new InvalidDataException($"{answer.Responses?.Count ?? 0} answers to {prefixes.Count} reads");
        return [.. prefixes.Select((prefix, i) => EtcdKeys.Range(answer.Responses?[i]?.ResponseRange, prefix, revision))];
    }

    private static long Revision(IEtcdAnswer answer) => answer.Header?.Revision ?? 0;

    private static T Understand<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException cause)
        {
            throw new MetadataUnavailableException($"etcd's answer cannot be understood: {cause.Message}", isOutcomeUnknown: false, cause);
        }
    }
}
