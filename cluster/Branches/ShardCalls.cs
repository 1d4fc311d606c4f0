using System.Text.Json;
using Google.Protobuf;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Protocol;
using VecSQL.Core.Errors;
using VecSQL.Storage;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Does what other nodes ask of this one's shards beside their branches.</summary>
internal sealed class ShardCalls(IShardDirectory shards, IFollowedCatalog catalog, TimeProvider time)
{
    public async ValueTask<ShardReply> RunAsync(ShardCall asked, CancellationToken cancellation)
    {
        ShardReply reply = new();
        try
        {
            ShardId id = new(asked.Shard);
            IShard shard = shards.Find(id) ?? throw BranchService.NotHere(id);
            await catalog.ReachAsync(asked.CatalogVersion, cancellation).ConfigureAwait(false);
            CallRecord call = asked.Call ?? throw new InvalidDataException("a call that is none");
            if ((ShardCallKind)call.Kind <= ShardCallKind.NewestCommit)
                await RunOnTransactionsAsync(shard, call, reply, cancellation).ConfigureAwait(false);
            else
                await RunOnTablesAsync(shard, call, reply, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SqlException or InvalidDataException or FormatException)
        {
            reply = new ShardReply { Error = ErrorBytes.Of(error) };
        }
        return reply;
    }

    private async ValueTask RunOnTransactionsAsync(IShard shard, CallRecord call, ShardReply reply, CancellationToken cancellation)
    {
        switch ((ShardCallKind)call.Kind)
        {
            case ShardCallKind.ListPrepared:
                foreach (PreparedState prepared in await shard.ListPreparedAsync(cancellation).ConfigureAwait(false))
                {
                    reply.Prepared.Add(new PreparedEntry
                    {
                        GlobalId = prepared.GlobalId, Coordinator = ByteString.CopyFrom(prepared.Coordinator.Span), Since = CommitTimestamp.At(prepared.Since).Value,
                        Earliest = prepared.Earliest.Value,
                    });
                }
                break;
            case ShardCallKind.CommitPrepared:
                PreparedState? found = (await shard.ListPreparedAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(state => state.GlobalId == call.Text);
                if (found is { } state && call.Moment < state.Earliest.Value)
                    throw new InvalidDataException("a commit before the earliest moment");
                await shard.CommitPreparedAsync(call.Text, Moments.Check(call.Moment, time)).ConfigureAwait(false);
                break;
            case ShardCallKind.RollbackPrepared:
                await shard.RollbackPreparedAsync(call.Text).ConfigureAwait(false);
                break;
            case ShardCallKind.Resolve:
                CommitTimestamp? at = await shard.ResolveAsync(call.Text, cancellation).ConfigureAwait(false);
                (reply.Flag, reply.Moment) = (at is not null, at?.Value ?? 0);
                break;
            case ShardCallKind.ForgetDecisions:
                await shard.ForgetDecisionsAsync(call.Flag ? null : [.. call.Rows.Select(static row => new RowId(row))]).ConfigureAwait(false);
                break;
            case ShardCallKind.NewestCommit:
                reply.Moment = shard.NewestCommit;
                break;
            default:
                throw new InvalidDataException($"a call of kind {call.Kind}");
        }
    }

    private async ValueTask RunOnTablesAsync(IShard shard, CallRecord call, ShardReply reply, CancellationToken cancellation)
    {
        TableId table = new(call.Table);
        switch ((ShardCallKind)call.Kind)
        {
            case ShardCallKind.Size:
                reply.Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(shard.SizeOf(table), FigureJson.Default.TableSize));
                reply.Moment = shard.SizeBytes(table);
                break;
            case ShardCallKind.Checkpoint:
                await shard.CheckpointAsync(cancellation).ConfigureAwait(false);
                break;
            case ShardCallKind.Compact:
                await shard.CompactAsync(table, cancellation).ConfigureAwait(false);
                break;
            case ShardCallKind.BuildIndex:
                // One that is not committed yet is built by the background, when it is.
                if (FindDefinition(call) is { } definition)
                    await shard.BuildIndexAsync(table, definition, cancellation).ConfigureAwait(false);
                break;
            case ShardCallKind.RebuildIndex:
                await shard.RebuildIndexAsync(table, Definition(call), cancellation).ConfigureAwait(false);
                break;
            case ShardCallKind.IndexStatus:
                reply.Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(shard.StatusOf(table, Definition(call)), FigureJson.Default.VectorIndexStatus));
                break;
            case ShardCallKind.WaitForSnapshots:
                if (call.Moment > shard.NewestCommit)
                    throw new InvalidDataException("a moment that is not over");
                await shard.WaitForSnapshotsAsync(call.Moment, cancellation).ConfigureAwait(false);
                break;
            case ShardCallKind.ListAdvisory:
                AdvisoryFigure[] locks = [.. shard.AdvisoryLocks.Select(AdvisoryFigure.Of).OfType<AdvisoryFigure>()];
                reply.Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(locks, FigureJson.Default.AdvisoryFigureArray));
                break;
            case ShardCallKind.ListWaits:
                WaitEdge[] waits = [.. await shard.ListWaitsAsync(cancellation).ConfigureAwait(false)];
                reply.Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(waits, FigureJson.Default.WaitEdgeArray));
                break;
            case ShardCallKind.TakeSequenceValues:
                (reply.Moment, reply.Count) = shard.TakeSequenceValues(Sequence(call), call.Moment);
                await LogPositionsAsync(shard).ConfigureAwait(false);
                break;
            case ShardCallKind.SetSequenceValue:
                shard.SetSequenceValue(Sequence(call), call.Moment, call.Flag);
                await LogPositionsAsync(shard).ConfigureAwait(false);
                break;
            case ShardCallKind.SequencePosition:
                (reply.Moment, reply.Flag) = shard.SequencePosition(Sequence(call));
                break;
            default:
                throw new InvalidDataException($"a call of kind {call.Kind}");
        }
    }

    /// <summary>The value is used elsewhere: where it needs a position that is in the log, that is there before.</summary>
    private async ValueTask LogPositionsAsync(IShard shard)
    {
        IBranch branch = shard.Begin(new ServedOrigin(catalog, new BeginRecord { GlobalId = "sequences" }));
        await branch.CommitAsync(isDurable: true, CancellationToken.None).ConfigureAwait(false);
    }

    private static SequenceEntry Sequence(CallRecord call) =>
        CatalogCodec.Decode(call.Data.Span) is PutObject { Object: SequenceEntry sequence } ? sequence : throw new InvalidDataException("a call about no sequence");

    private SegmentIndexDefinition Definition(CallRecord call) =>
        FindDefinition(call) ?? throw new InvalidDataException($"table {call.Table} has no index {call.Index} over segments");

    private SegmentIndexDefinition? FindDefinition(CallRecord call) =>
        catalog.Catalog.TryFindTable(new TableId(call.Table), out TableEntry? table)
            && table.Indexes.FirstOrDefault(index => index.Oid == call.Index) is { } index ? SegmentIndexDefinition.Of(table, index) : null;
}
