using System.Threading.Channels;
using Google.Protobuf;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Executor.Operators;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Fragments;

/// <summary>Rows that come along with another node's fragment: some with it, others behind it, which are taken as the fragment reads them.</summary>
/// <remarks>Threads: one reader, one writer; <see cref="Leave"/> from any.</remarks>
internal sealed class ServedFeed(FeedRecord record) : Operator
{
    private const int BatchesAheadMax = 4;

    private readonly Channel<ColumnBatch>? _more = record.HasMore ? Channel.CreateBounded<ColumnBatch>(BatchesAheadMax) : null;
    private int _next, _isTaken;

    public int Number => record.Number;

    public bool HasMore => record.HasMore;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_next < record.Batches.Count)
            return BatchBytes.Read(record.Batches[_next++].Memory);
        return _more is not null && await _more.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false) && _more.Reader.TryRead(out ColumnBatch? rows) ? rows : null;
    }

    /// <summary>Takes the rows of a call, until there are no more or nobody wants them.</summary>
    public async ValueTask TakeAsync(GrpcCall call)
    {
        if (_more is null || Interlocked.Exchange(ref _isTaken, 1) != 0)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"rows {Number} of a fragment come twice");
        bool isWhole = false;
        try
        {
            // Not given back: columns point into it for as long as they are used.
            while (await call.ReadAsync().ConfigureAwait(false) is { } message)
            {
                if (!await TryPutAsync(_more.Writer, BatchBytes.Read(message.Bytes), call.Cancellation).ConfigureAwait(false))
                    return;
            }
            isWhole = true;
        }
        finally
        {
            _more.Writer.TryComplete(isWhole ? null : new SqlException(SqlState.SerializationFailure, "the rows of a fragment's other side have not all come"));
        }
    }

    /// <summary>Nobody reads it any more.</summary>
    public void Leave() => _more?.Writer.TryComplete();

    public override ValueTask DisposeAsync()
    {
        Leave();
        return default;
    }

    private static async ValueTask<bool> TryPutAsync(ChannelWriter<ColumnBatch> target, ColumnBatch rows, CancellationToken cancellation)
    {
        while (await target.WaitToWriteAsync(cancellation).ConfigureAwait(false))
        {
            if (target.TryWrite(rows))
                return true;
        }
        return false;
    }
}
