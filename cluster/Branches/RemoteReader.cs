using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Reads rows of another node's shard as they come; a reader that is slow holds back the sender.</summary>
/// <remarks>Waits on the thread that asks. Threads: one at a time.</remarks>
internal sealed class RemoteReader : UnitReader
{
    private readonly IpcDecoder _decoder = new("rows of a node");
    private readonly GrpcClientCall _call;
    private bool _isOver;

    public RemoteReader(RemoteBranch branch, RemoteShard shard, ReadRequest request)
    {
        branch.AskAsync(null, CancellationToken.None).AsTask().GetAwaiter().GetResult(); // what waits comes before
        (request.Shard, request.GlobalId) = (shard.Id.Value, branch.GlobalId);
        try
        {
            _call = shard.Begin(BranchMethods.Read, CancellationToken.None);
            Wait(_call.WriteLastAsync(BranchMethods.Reads.Write(request)));
        }
        catch (GrpcException lost)
        {
            throw Told(lost);
        }
    }

    public override ColumnBatch? Next()
    {
        try
        {
            while (!_isOver)
            {
                // Not given back: columns point into it for as long as they are used.
                GrpcMessage? message = _call.ReadAsync().AsTask().GetAwaiter().GetResult();
                if (message is null)
                    _isOver = true;
                else if (_decoder.Schema is null)
                    BatchBytes.Read(_decoder, message.Bytes, isSchema: true);
                else
                    return BatchBytes.Read(_decoder, message.Bytes);
            }
            return null;
        }
        catch (GrpcException lost)
        {
            throw Told(lost);
        }
        catch (InvalidDataException damage)
        {
            throw RemoteBranch.Wrong(damage.Message);
        }
    }

    public override void Dispose() => Wait(_call.DisposeAsync());

    private static void Wait(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
            task.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>What a user is told of a stream that has ended so.</summary>
    internal static Exception Told(GrpcException lost)
    {
        if (lost.Code != GrpcStatusCode.Aborted || lost.Details.IsEmpty)
            return ErrorBytes.Lost(lost);
        try
        {
            return ErrorBytes.Read(ErrorRecord.Parser.ParseFrom(lost.Details.Span), CancellationToken.None);
        }
        catch (Google.Protobuf.InvalidProtocolBufferException)
        {
            return ErrorBytes.Lost(lost);
        }
    }
}
