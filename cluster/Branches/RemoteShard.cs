using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Protocol;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Storage;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>A shard whose primary is another node, or one replica of it.</summary>
/// <remarks>
/// Figures: those that plans are made by are asked for once a second at most, and counted on meanwhile; others each time, on the thread that wants them.
/// Locks and builds are shown where they are.
/// Threads: any.
/// </remarks>
/// <param name="begin">Begins a call to the primary, wherever it is now.</param>
/// <param name="term">The shard's, as far as is known here; null where its primary stays.</param>
/// <param name="place">Where its primary is, for people.</param>
public sealed class RemoteShard(
    ShardId id, ShardCallBegin begin, ICatalogSource catalog, TimeProvider time, Func<Term>? term = null, Func<string>? place = null) : IShard, IAsyncDisposable
{
    private static readonly TimeSpan FiguresKept = TimeSpan.FromSeconds(1), SuspectFor = TimeSpan.FromSeconds(2);

    private static long _lastTransaction;

    private readonly ConcurrentDictionary<uint, (long Rows, long Since)> _estimates = [];

    private long _roundTrips, _failedAt;

    private int _callCount;

    public ShardId Id => id;

    /// <summary>Whether something has failed there a moment ago: where another can be asked as well, that is better.</summary>
    public bool IsSuspect => Interlocked.Read(ref _failedAt) is not 0 and var at && time.GetElapsedTime(at) < SuspectFor;

    /// <summary>Calls of branches that this node waits for there.</summary>
    public int CallCount => Volatile.Read(ref _callCount);

    /// <summary>How often its node was waited for.</summary>
    public long RoundTrips => Interlocked.Read(ref _roundTrips);

    public IReadOnlyList<HeldLock<uint>> TableLocks => [];

    public IReadOnlyCollection<SegmentIndexBuild> IndexBuilds => [];

    public IReadOnlyList<HeldLock<AdvisoryKey>> AdvisoryLocks => [.. Figure(
        Ask(new CallRecord { Kind = (int)ShardCallKind.ListAdvisory }), FigureJson.Default.AdvisoryFigureArray).Select(static figure => figure.ToLock())];

    public async ValueTask<IReadOnlyList<WaitEdge>> ListWaitsAsync(CancellationToken cancellation) =>
        Figure(await AskAsync(new CallRecord { Kind = (int)ShardCallKind.ListWaits }, cancellation).ConfigureAwait(false), FigureJson.Default.WaitEdgeArray);

    public long NewestCommit => Ask(new CallRecord { Kind = (int)ShardCallKind.NewestCommit }).Moment;

    internal string Place => place?.Invoke() ?? "elsewhere";

    internal BranchStreams Streams { get; } = new(begin, term);

    internal RemoteHolders Holders => LazyInitializer.EnsureInitialized(ref field, () => new RemoteHolders(this));

    public void ReturnAdvisory(AdvisoryHolder holder, AdvisoryKey key, bool isShared) => Holders.Return(holder, key, isShared);

    /// <summary>Looks whether the sessions that hold advisory locks there still do; to be called now and again.</summary>
    public void LookAfter() => Holders.LookAfter();

    public IBranch Begin(IBranchOrigin of) => new RemoteBranch(this, of, new TransactionId(Interlocked.Increment(ref _lastTransaction)));

    public async ValueTask<IReadOnlyList<PreparedState>> ListPreparedAsync(CancellationToken cancellation)
    {
        ShardReply reply = await AskAsync(new CallRecord { Kind = (int)ShardCallKind.ListPrepared }, cancellation).ConfigureAwait(false);
        return [.. reply.Prepared.Select(static entry => new PreparedState(
            entry.GlobalId, entry.Coordinator.Memory, TimeOf(entry.Since), new CommitTimestamp(entry.Earliest), Id: null))];
    }

    public async ValueTask CommitPreparedAsync(string globalId, CommitTimestamp timestamp)
    {
        CallRecord call = new() { Kind = (int)ShardCallKind.CommitPrepared, Text = globalId, Moment = timestamp.Value };
        await AskAsync(call, CancellationToken.None).ConfigureAwait(false);
        ForgetEstimates();
    }

    public async ValueTask RollbackPreparedAsync(string globalId) => await AskAsync(
        new CallRecord { Kind = (int)ShardCallKind.RollbackPrepared, Text = globalId }, CancellationToken.None).ConfigureAwait(false);

    public async ValueTask<CommitTimestamp?> ResolveAsync(string globalId, CancellationToken cancellation)
    {
        ShardReply reply = await AskAsync(new CallRecord { Kind = (int)ShardCallKind.Resolve, Text = globalId }, cancellation).ConfigureAwait(false);
        return reply.Flag ? new CommitTimestamp(reply.Moment) : null;
    }

    public async ValueTask ForgetDecisionsAsync(IReadOnlyCollection<RowId>? rows)
    {
        CallRecord call = new() { Kind = (int)ShardCallKind.ForgetDecisions, Flag = rows is null };
        foreach (RowId row in rows ?? [])
            call.Rows.Add(row.Value);
        await AskAsync(call, CancellationToken.None).ConfigureAwait(false);
    }

    public long EstimateRowCount(TableId table)
    {
        if (_estimates.TryGetValue(table.Oid, out (long Rows, long Since) known) && time.GetElapsedTime(known.Since) < FiguresKept)
            return known.Rows;
        long rows = known.Rows;
        try
        {
            rows = SizeOf(table).RowCount;
        }
        catch (SqlException passing) when (passing.IsPassing)
        {
            // The plan is made for what was there; the statement will say whether the shard can be reached.
        }
        _estimates[table.Oid] = (rows, time.GetTimestamp());
        return rows;
    }

    internal void BeginCall() => Interlocked.Increment(ref _callCount);

    internal void EndCall() => Interlocked.Decrement(ref _callCount);

    internal void NoteFailure() => Interlocked.Exchange(ref _failedAt, time.GetTimestamp());

    /// <summary>Rows were written from this node, whose next plans are to count them.</summary>
    internal void ForgetEstimates() => _estimates.Clear();

    /// <summary>So many rows more are in a table, or less.</summary>
    internal void AddToEstimate(uint table, long more)
    {
        while (_estimates.TryGetValue(table, out (long Rows, long Since) known)
            && !_estimates.TryUpdate(table, (Math.Max(0, known.Rows + more), known.Since), known))
        {
            // Another has changed it meanwhile.
        }
    }

    public long SizeBytes(TableId table) => Ask(new CallRecord { Kind = (int)ShardCallKind.Size, Table = table.Oid }).Moment;

    public TableSize SizeOf(TableId table) =>
        Figure(Ask(new CallRecord { Kind = (int)ShardCallKind.Size, Table = table.Oid }), FigureJson.Default.TableSize);

    public async ValueTask CheckpointAsync(CancellationToken cancellation) =>
        await AskAsync(new CallRecord { Kind = (int)ShardCallKind.Checkpoint }, cancellation).ConfigureAwait(false);

    /// <remarks>Its node does that by itself.</remarks>
    public ValueTask RunBackgroundWorkAsync(CancellationToken cancellation) => default;

    public async ValueTask CompactAsync(TableId table, CancellationToken cancellation) =>
        await AskAsync(new CallRecord { Kind = (int)ShardCallKind.Compact, Table = table.Oid }, cancellation).ConfigureAwait(false);

    public async ValueTask BuildIndexAsync(TableId table, SegmentIndexDefinition definition, CancellationToken cancellation) => await AskAsync(
        new CallRecord { Kind = (int)ShardCallKind.BuildIndex, Table = table.Oid, Index = definition.Oid }, cancellation).ConfigureAwait(false);

    public async ValueTask RebuildIndexAsync(TableId table, SegmentIndexDefinition definition, CancellationToken cancellation) => await AskAsync(
        new CallRecord { Kind = (int)ShardCallKind.RebuildIndex, Table = table.Oid, Index = definition.Oid }, cancellation).ConfigureAwait(false);

    public async Task WaitForSnapshotsAsync(long before, CancellationToken cancellation) =>
        await AskAsync(new CallRecord { Kind = (int)ShardCallKind.WaitForSnapshots, Moment = before }, cancellation).ConfigureAwait(false);

    public VectorIndexStatus StatusOf(TableId table, SegmentIndexDefinition definition) => Figure(
        Ask(new CallRecord { Kind = (int)ShardCallKind.IndexStatus, Table = table.Oid, Index = definition.Oid }), FigureJson.Default.VectorIndexStatus);

    public SequenceBlock TakeSequenceValues(SequenceEntry sequence, long countMax)
    {
        CallRecord call = Of(ShardCallKind.TakeSequenceValues, sequence);
        call.Moment = countMax;
        ShardReply reply = Ask(call);
        return reply.Count >= 1 && reply.Count <= Math.Max(1, countMax)
            ? new SequenceBlock(reply.Moment, reply.Count) : throw RemoteBranch.Wrong($"{reply.Count} values of a sequence for {countMax}");
    }

    public void SetSequenceValue(SequenceEntry sequence, long value, bool isCalled)
    {
        CallRecord call = Of(ShardCallKind.SetSequenceValue, sequence);
        (call.Moment, call.Flag) = (value, isCalled);
        Ask(call);
    }

    /// <summary>A call about a sequence, which need not be committed yet, and is told of whole.</summary>
    private static CallRecord Of(ShardCallKind kind, SequenceEntry sequence) => new()
    {
        Kind = (int)kind, Data = UnsafeByteOperations.UnsafeWrap(CatalogCodec.Encode(new PutObject(sequence))),
    };

    public (long LastValue, bool IsCalled) SequencePosition(SequenceEntry sequence)
    {
        ShardReply reply = Ask(Of(ShardCallKind.SequencePosition, sequence));
        return (reply.Moment, reply.Flag);
    }

    public ValueTask DisposeAsync() => Streams.DisposeAsync();

    internal GrpcClientCall Begin(string method, CancellationToken cancellation)
    {
        CountRoundTrip();
        return begin(method, cancellation);
    }

    internal void CountRoundTrip() => Interlocked.Increment(ref _roundTrips);

    private ShardReply Ask(CallRecord call) => AskAsync(call, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private async ValueTask<ShardReply> AskAsync(CallRecord asked, CancellationToken cancellation)
    {
        ShardReply reply;
        try
        {
            GrpcClientCall call = Begin(BranchMethods.Call, cancellation);
            await using (call.ConfigureAwait(false))
            {
                ShardCall record = new() { Shard = id.Value, Call = asked, CatalogVersion = catalog.Catalog.Version };
                await call.WriteLastAsync(BranchMethods.Calls.Write(record)).ConfigureAwait(false);
                using GrpcMessage message = await call.ReadAsync().ConfigureAwait(false)
                    ?? throw new GrpcException(GrpcStatusCode.Internal, "the answer has no message");
                reply = BranchMethods.Answers.Read(message.Bytes);
            }
        }
        catch (GrpcException lost)
        {
            throw ErrorBytes.Lost(lost);
        }
        return reply.Error is { } error ? throw ErrorBytes.Read(error, cancellation) : reply;
    }

    private static T Figure<T>(ShardReply reply, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(reply.Data.Span, type) ?? throw RemoteBranch.Wrong("no figure");
        }
        catch (JsonException damage)
        {
            throw RemoteBranch.Wrong(damage.Message);
        }
    }

    private static DateTimeOffset TimeOf(long since) =>
        since >= CommitTimestamp.At(DateTimeOffset.MinValue).Value && since <= CommitTimestamp.At(DateTimeOffset.MaxValue).Value
            ? new CommitTimestamp(since).Time : throw RemoteBranch.Wrong($"{since} is no time");
}
