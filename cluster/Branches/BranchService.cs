using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Cluster.Fragments;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Fragments;
using VecSQL.Flight.Grpc;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Serves a node's shards to transactions of other nodes.</summary>
/// <remarks>
/// Branches: one at a time on a stream; what a stream's end leaves is rolled back, or, where it was prepared, brought to its end by asking who decides.
/// Stop:     when the node is about to, streams end between two batches: what is open on them has to go elsewhere anyhow.
/// Waiting:  a call waits for locks, the log's replicas and the catalog, and never for another node's call: no circle of nodes can wait for each other.
/// Threads:  the pool's.
/// </remarks>
/// <param name="resources">What there is for fragments of plans.</param>
/// <param name="check">Throws where a call is none of a node.</param>
/// <param name="abandoned">Told that the coordinator of something prepared has gone; does not wait.</param>
public sealed class BranchService(
    IShardDirectory shards, IFollowedCatalog catalog, FragmentResources resources, Action<GrpcCall> check, Action abandoned, TimeProvider time, ILogger log)
{
    private const int ColumnsMax = 1600;

    private readonly ConcurrentDictionary<(ShardId Shard, string GlobalId), ServedBranch> _branches = [];
    private readonly ServedHolders _holders = new();
    private readonly ShardCalls _calls = new(shards, catalog, time);

    public void AddTo(GrpcMethods methods) => methods
        .Duplex(BranchMethods.Branch, ServeAsync)
        .ServerStream(BranchMethods.Read, BranchMethods.Reads, ReadAsync)
        .Duplex(BranchMethods.Feed, FeedAsync)
        .Unary(BranchMethods.Call, BranchMethods.Calls, BranchMethods.Answers, async (asked, call) =>
        {
            check(call);
            return await _calls.RunAsync(asked, call.Cancellation).ConfigureAwait(false);
        });

    /// <summary>Branches that are open here.</summary>
    public int BranchCount => _branches.Count;

    /// <summary>Whether a transaction's coordinator is connected here.</summary>
    public bool IsServed(ShardId shard, string globalId) => _branches.ContainsKey((shard, globalId));

    private async ValueTask ServeAsync(GrpcCall call)
    {
        check(call);
        ServedBranch? branch = null;
        KeptLocks kept = new(shards, _holders);
        try
        {
            Task<GrpcMessage?> next = call.ReadStandingAsync().AsTask();
            while (await next.ConfigureAwait(false) is { } message)
            {
                BranchBatch batch = Parsed(message);
                next = call.ReadStandingAsync().AsTask();
                if (batch.Cancels)
                    continue; // of what has ended meanwhile
                using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
                Task<(ServedBranch? Branch, BranchReply Reply)> running = RunAsync(branch, kept, batch, ended.Token);
                while (!running.IsCompleted && await Task.WhenAny(running, next).ConfigureAwait(false) == next)
                {
                    if (call.IsLeaving && next.IsCompletedSuccessfully && await next.ConfigureAwait(false) is null)
                        break; // what runs ends, and is answered; nothing comes after it
                    bool isOver = !next.IsCompletedSuccessfully || await next.ConfigureAwait(false) is not { } meanwhile || !Parsed(meanwhile).Cancels;
                    await ended.CancelAsync().ConfigureAwait(false);
                    if (isOver)
                        break;
                    next = call.ReadStandingAsync().AsTask();
                }
                (branch, BranchReply reply) = await running.ConfigureAwait(false);
                await call.WriteAsync(BranchMethods.Replies.Write(reply)).ConfigureAwait(false);
            }
        }
        finally
        {
            await LeaveAsync(branch).ConfigureAwait(false);
            kept.End();
        }
    }

    private static BranchBatch Parsed(GrpcMessage message)
    {
        using (message)
            return BranchMethods.Batches.Read(message.Bytes);
    }

    private async Task<(ServedBranch? Branch, BranchReply Reply)> RunAsync(
        ServedBranch? branch, KeptLocks kept, BranchBatch batch, CancellationToken cancellation)
    {
        BranchReply reply = new();
        Exception? failed = null;
        foreach (CallRecord call in batch.Calls)
        {
            BranchCallKind kind = (BranchCallKind)call.Kind;
            if (failed is not null && !ServedBranch.KeepsStep(kind))
                continue;
            try
            {
                if (KeptLocks.IsFor(kind))
                {
                    kept.Run(call);
                    continue;
                }
                if (kind is BranchCallKind.Begin or BranchCallKind.Leave)
                {
                    kept.End();
                    ServedBranch? left = branch;
                    branch = null;
                    await LeaveAsync(left).ConfigureAwait(false);
                }
                if (kind == BranchCallKind.Begin)
                    branch = await BeginAsync(call, batch, cancellation).ConfigureAwait(false);
                else if (kind != BranchCallKind.Leave)
                    await RunAsync(branch, call, batch, reply, cancellation).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                failed ??= error;
            }
        }
        if (failed is not null and not (SqlException or WriteConflictException or OperationCanceledException))
            Log.BranchCallFailed(log, failed.Message, failed);
        if (failed is not null)
            reply = new BranchReply { Error = ErrorBytes.Of(failed), HasLeft = branch is null }; // one that could not begin may begin anew
        if (branch is not null)
            (reply.HasWrites, reply.HasConflict) = (branch.Branch.HasWrites, branch.Branch.HasConflict);
        if (branch is not { Branch.HasEnded: true } && !reply.HasLeft)
            return (branch, reply);
        await LeaveAsync(branch).ConfigureAwait(false);
        return (null, reply);
    }

    private static async ValueTask RunAsync(
        ServedBranch? branch, CallRecord call, BranchBatch batch, BranchReply reply, CancellationToken cancellation)
    {
        if (branch is null)
            throw new InvalidDataException("a call before its branch has begun");
        await branch.BeginAsync(batch, cancellation).ConfigureAwait(false);
        await branch.RunAsync(call, reply, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<ServedBranch> BeginAsync(CallRecord call, BranchBatch batch, CancellationToken cancellation)
    {
        BeginRecord record = call.Begin ?? throw new InvalidDataException("a branch of no transaction");
        ShardId shard = new(record.Shard);
        await catalog.ReachAsync(batch.CatalogVersion, cancellation).ConfigureAwait(false);
        IShard found = (record.ReadsPast ? shards.FindReplica(shard) : shards.Find(shard)) ?? throw NotHere(shard);
        ServedBranch branch = new(found, catalog, record, _holders, resources, time);
        // One branch a transaction and shard; another may be there whose connection broke a moment ago.
        _branches[(shard, branch.GlobalId)] = branch;
        return branch;
    }

    private async ValueTask LeaveAsync(ServedBranch? branch)
    {
        if (branch is null)
            return;
        _branches.TryRemove(new((branch.Id, branch.GlobalId), branch));
        await branch.EndFragmentsAsync().ConfigureAwait(false);
        await branch.Branch.RollbackAsync().ConfigureAwait(false);
        branch.LeaveHolder();
        if (branch.IsPrepared && !branch.Branch.HasEnded)
            abandoned();
    }

    private async ValueTask ReadAsync(ReadRequest request, GrpcCall call)
    {
        check(call);
        if (!_branches.TryGetValue((new ShardId(request.Shard), request.GlobalId), out ServedBranch? branch))
            throw new GrpcException(GrpcStatusCode.Aborted, "the branch has ended");
        try
        {
            if (request.Fragment != 0)
                await SendFragmentAsync(branch, request.Fragment, call).ConfigureAwait(false);
            else
                await SendRowsAsync(RowsOf(branch, request), call).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SqlException or InvalidDataException)
        {
            throw new GrpcException(GrpcStatusCode.Aborted, error.Message, error) { Details = Google.Protobuf.MessageExtensions.ToByteArray(ErrorBytes.Of(error)) };
        }
    }

    private async ValueTask FeedAsync(GrpcCall call)
    {
        check(call);
        FeedRequest request;
        using (GrpcMessage message = await call.ReadAsync().ConfigureAwait(false) ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "rows for nobody"))
            request = BranchMethods.Feeds.Read(message.Bytes);
        // Where it has ended, who reads it is told why.
        if (_branches.TryGetValue((new ShardId(request.Shard), request.GlobalId), out ServedBranch? branch)
            && branch.FeedOf(request.Fragment, request.Number) is { } feed)
            await feed.TakeAsync(call).ConfigureAwait(false);
    }

    private static async ValueTask SendRowsAsync(IEnumerable<ColumnBatch> batches, GrpcCall call)
    {
        RowSender sender = new(call);
        foreach (ColumnBatch rows in batches)
        {
            call.Cancellation.ThrowIfCancellationRequested();
            await sender.SendAsync(rows, call.Cancellation).ConfigureAwait(false);
        }
    }

    private static async ValueTask SendFragmentAsync(ServedBranch branch, int number, GrpcCall call)
    {
        ServedFragment fragment = branch.Fragment(number);
        try
        {
            await fragment.SendAsync(call).ConfigureAwait(false);
        }
        finally
        {
            await branch.EndAsync(number, fragment).ConfigureAwait(false);
        }
    }

    private static IEnumerable<ColumnBatch> RowsOf(ServedBranch branch, ReadRequest request)
    {
        if (request.Columns.Count > ColumnsMax)
            throw new InvalidDataException($"{request.Columns.Count} columns");
        TableEntry table = branch.Table(request.Table);
        short[] columns = branch.Columns(table, request.Columns);
        if (request.Kind != 0)
            return ChangesOf(branch.Changes(request.Table, request.Mark), (ChangesKind)request.Kind, table, columns);
        List<ZoneBound> zones = [];
        foreach (ZoneRecord zone in request.Zones)
        {
            ColumnBatch value = BatchBytes.Read(zone.Value.Memory);
            if (value.RowCount != 1 || value.Columns.Length != 1 || zone.Operator is not ("=" or "<" or "<=" or ">" or ">="))
                throw new InvalidDataException("a bound that is none");
            short number = branch.Columns(table, [zone.Column])[0];
            if (value.Columns[0].Type != BuiltinTypes.PhysicalOf(table.Column(number).Type.Oid))
                throw new InvalidDataException($"a bound of {value.Columns[0].Type} for column {number}");
            zones.Add(new ZoneBound(number, zone.Operator, value.Columns[0]));
        }
        return BatchesOf(branch.Unit(request.View, request.Unit), columns, request.WithRowId, zones);
    }

    private static IEnumerable<ColumnBatch> BatchesOf(ScanUnit unit, short[] columns, bool withRowId, List<ZoneBound> zones)
    {
        using UnitReader reader = unit.Open(columns, withRowId, zones);
        while (reader.Next() is { } rows)
            yield return rows;
    }

    private static IEnumerable<ColumnBatch> ChangesOf(TableChanges changes, ChangesKind kind, TableEntry table, short[] columns) => kind switch
    {
        ChangesKind.Inserted => changes.Inserted(table, columns),
        ChangesKind.InsertedWithIds => changes.InsertedWithIds(table, columns),
        ChangesKind.Deleted => changes.Deleted(table, columns),
        ChangesKind.Removed => changes.Removed(table, columns),
        ChangesKind.Replaced => changes.Replaced(table, columns).SelectMany(static pair => (ColumnBatch[])[pair.Before, pair.After]),
        _ => throw new InvalidDataException($"changes of kind {(int)kind}"),
    };

    internal static SqlException NotHere(ShardId shard) => new(
        SqlState.SerializationFailure, "the shard's primary has moved", hint: "The transaction might succeed if retried.")
    {
        Detail = $"This node does not serve shard {shard}.", IsPassing = true,
    };
}

/// <summary>Which changes are read; the numbers go over the wire.</summary>
internal enum ChangesKind
{
    Inserted = 1,
    Deleted = 2,
    Removed = 3,
    Replaced = 4,
    InsertedWithIds = 5,
}
