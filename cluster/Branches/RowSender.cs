using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Branches;

/// <summary>Sends rows as a stream of Arrow messages, from where they lie; who reads slowly holds it back.</summary>
internal sealed class RowSender(GrpcCall call)
{
    private IpcEncoder? _encoder;

    public async ValueTask SendAsync(ColumnBatch rows, CancellationToken cancellation)
    {
        if (_encoder is null)
        {
            _encoder = new IpcEncoder(BatchBytes.SchemaOf(rows), isCompressed: false);
            await call.WriteAsync(new GrpcPayload(_encoder.SchemaMessage().Head()), cancellation).ConfigureAwait(false);
        }
        IpcMessage message = _encoder.Batch(BatchBytes.ArraysOf(rows), rows.RowCount);
        await call.WriteAsync(new GrpcPayload(message.Head(), message.Body), cancellation).ConfigureAwait(false);
    }
}
