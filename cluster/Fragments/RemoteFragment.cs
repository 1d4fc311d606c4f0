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
    private readonly RemoteBranch _branch;
    private readonly RemoteShard _shard;
    private readonly int _number;
    private readonly CancellationTokenSource _ended = new();
    private readonly IpcDecoder _decoder = new("rows of a node");
    private readonly Task<BranchReply> _begun;
    private readonly Queue<ColumnBatch> _ready = [];
    private GrpcClientCall? _call;
    private bool _isAnswered, _isOver;

    public RemoteFragment(RemoteBranch branch, RemoteShard shard, ReadOnlyMemory<byte> order, RemoteView[] views, bool isLast)
    {
        (_branch, _shard, _number, Place) = (branch, shard, branch.NextFragment(), shard.Place);
        CallRecord call = new() { Kind = (int)BranchCallKind.RunFragment, Number = _number, Data = UnsafeByteOperations.UnsafeWrap(order), Flag = isLast };
        foreach (RemoteView view in views)
        {
            call.Oids.Add(view.Table.Oid);
            call.Rows.Add(view.Number);
        }
        _begun = branch.AskAsync(call, _ended.Token).AsTask();
    }

    public string Place { get; }

    public long BytesReceived { get; private set; }

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
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await ((Task)_begun).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
