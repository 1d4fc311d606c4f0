using System.Buffers.Binary;
using Google.Protobuf;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Ipc;
using VecSQL.Executor.Scheduling;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Fragments;

/// <summary>A fragment that runs at another node's shard. It is begun with whatever else waits for that branch, and few rows come with the answer.</summary>
internal sealed class RemoteFragment : IFragmentStream
{
    /// <summary>Of rows that go along in one message with the fragment; others are sent as they are taken.</summary>
    private const int BytesAlongMax = 64 << 10;

    private readonly RemoteBranch _branch;
    private readonly RemoteShard _shard;
    private readonly int _number;
    private readonly CancellationTokenSource _ended = new();
    private readonly IpcDecoder _decoder = new("rows of a node");
    private readonly Task<BranchReply> _begun;
    private readonly Queue<ColumnBatch> _ready = [];
    private readonly List<RowFeed> _later = []; // what goes along, and is too much for one message
    private readonly List<Task> _feeding = [];
    private GrpcClientCall? _call;
    private long _bytesSent;
    private bool _isAnswered, _isOver;

    public RemoteFragment(
        RemoteBranch branch, RemoteShard shard, ReadOnlyMemory<byte> order, RemoteView[] views, IReadOnlyList<RowFeed> feeds, bool isLast)
    {
        (_branch, _shard, _number, Place) = (branch, shard, branch.NextFragment(), shard.Place);
        CallRecord call = new() { Kind = (int)BranchCallKind.RunFragment, Number = _number, Data = UnsafeByteOperations.UnsafeWrap(order), Flag = isLast };
        foreach (RemoteView view in views)
        {
            call.Oids.Add(view.Table.Oid);
            call.Rows.Add(view.Number);
        }
        foreach (RowFeed feed in feeds)
            Add(feed, call);
        _begun = branch.AskAsync(call, _ended.Token).AsTask();
    }

    public string Place { get; }

    public long BytesReceived { get; private set; }

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public ReadOnlyMemory<byte> Figures { get; private set; }

    public async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        CancellationTokenRegistration leaving = cancellation.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended);
        await using (leaving.ConfigureAwait(false))
        {
            try
            {
                if (!_isAnswered)
                    Take(await _begun.ConfigureAwait(false));
                return _ready.TryDequeue(out ColumnBatch? rows) ? rows : _isOver ? null : await ReadAsync().ConfigureAwait(false);
            }
            catch (GrpcException lost)
            {
                throw RemoteReader.Told(lost);
            }
            catch (InvalidDataException damage)
            {
                throw RemoteBranch.Wrong(damage.Message);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellation);
            }
            catch (OperationCanceledException) when (_feeding.Count > 0)
            {
                await Task.WhenAll(_feeding).ConfigureAwait(false); // says why it was
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await ((Task)_begun).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (Task feeding in _feeding)
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool isLeft = !_isOver && _call is null && _begun is { IsCompletedSuccessfully: true, Result.HasMore: true };
        if (isLeft)
            _branch.EndFragment(_number);
        if (_call is not null)
            await _call.DisposeAsync().ConfigureAwait(false);
        _ended.Dispose();
    }

    private void Take(BranchReply reply)
    {
        _isAnswered = true;
        _isOver = !reply.HasMore;
        foreach (ByteString batch in reply.Batches)
        {
            BytesReceived += batch.Length;
            _ready.Enqueue(BatchBytes.Read(batch.Memory));
        }
        if (_isOver)
            Figures = reply.Data.Memory;
        else
            _feeding.AddRange(_later.Select(FeedAsync));
    }

    private void Add(RowFeed feed, CallRecord call)
    {
        FeedRecord record = new() { Number = feed.Number, HasMore = feed.Rest is not null };
        call.Feeds.Add(record);
        foreach (FeedBatch batch in feed.Batches)
        {
            ReadOnlyMemory<byte> bytes = batch.Bytes(BatchBytes.WriteCompressed);
            record.HasMore |= BytesSent + bytes.Length > BytesAlongMax;
            if (record.HasMore)
                break;
            record.Batches.Add(UnsafeByteOperations.UnsafeWrap(bytes));
            Interlocked.Add(ref _bytesSent, bytes.Length);
        }
        if (record.HasMore)
            _later.Add(feed with { Batches = [.. feed.Batches.Skip(record.Batches.Count)] });
    }

    /// <summary>Sends what goes along as it is taken.</summary>
    private async Task FeedAsync(RowFeed feed)
    {
        bool isDone = false;
        try
        {
            GrpcClientCall call = _shard.Begin(BranchMethods.Feed, _ended.Token);
            await using (call.ConfigureAwait(false))
            {
                await SendAsync(feed, call).ConfigureAwait(false);
                if (await call.ReadAsync().ConfigureAwait(false) is not null)
                    throw RemoteBranch.Wrong("rows for rows");
            }
            isDone = true;
        }
        catch (GrpcException lost)
        {
            throw RemoteReader.Told(lost);
        }
        finally
        {
            if (!isDone)
                await _ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask SendAsync(RowFeed feed, GrpcClientCall call)
    {
        FeedRequest request = new() { Shard = _shard.Id.Value, GlobalId = _branch.GlobalId, Fragment = _number, Number = feed.Number };
        if (!await TrySendAsync(call, BranchMethods.Feeds.Write(request)).ConfigureAwait(false))
            return;
        foreach (FeedBatch batch in feed.Batches)
        {
            if (!await TrySendAsync(call, Payload(batch)).ConfigureAwait(false))
                return;
        }
        while (feed.Rest is not null && await feed.Rest.NextAsync(_ended.Token).ConfigureAwait(false) is { } rows)
        {
            if (!await TrySendAsync(call, Payload(new FeedBatch(rows))).ConfigureAwait(false))
                return;
        }
        call.CompleteWriting();
    }

    private GrpcPayload Payload(FeedBatch batch)
    {
        ReadOnlyMemory<byte> bytes = batch.Bytes(BatchBytes.WriteCompressed);
        Interlocked.Add(ref _bytesSent, bytes.Length);
        return new GrpcPayload(bytes);
    }

    /// <returns>False where the call has ended: its status says why.</returns>
    private static async ValueTask<bool> TrySendAsync(GrpcClientCall call, GrpcPayload payload)
    {
        try
        {
            await call.WriteAsync(payload).ConfigureAwait(false);
            return true;
        }
        catch (GrpcException)
        {
            return false;
        }
    }

    private async ValueTask<ColumnBatch?> ReadAsync()
    {
        if (_call is null)
        {
            _call = _shard.Begin(BranchMethods.Read, _ended.Token);
            await _call.WriteLastAsync(BranchMethods.Reads.Write(new ReadRequest { Shard = _shard.Id.Value, GlobalId = _branch.GlobalId, Fragment = _number }))
                .ConfigureAwait(false);
        }
        // Not given back: columns point into it for as long as they are used.
        while (await _call.ReadAsync().ConfigureAwait(false) is { } message)
        {
            BytesReceived += message.Bytes.Length;
            if (message.Bytes.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(message.Bytes.Span) == 0)
                Figures = message.Bytes[sizeof(int)..];
            else if (_decoder.Schema is null)
                BatchBytes.Read(_decoder, message.Bytes, isSchema: true);
            else
                return BatchBytes.Read(_decoder, message.Bytes);
        }
        _isOver = true;
        return null;
    }
}
