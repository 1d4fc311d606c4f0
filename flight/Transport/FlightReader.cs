using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;

namespace VecSQL.Flight.Transport;

/// <summary>Reads a stream of FlightData as Arrow batches.</summary>
/// <remarks>
/// Ownership: a batch is valid until the next is asked for; it points into the message that came.
/// Threads:   one at a time.
/// </remarks>
public sealed class FlightReader : IDisposable
{
    private readonly Func<ValueTask<GrpcMessage?>> _source;
    private readonly IpcDecoder _decoder;
    private GrpcMessage? _message;
    private FlightFrame _frame;
    private bool _hasFirst;

    /// <param name="name">What is read, for messages.</param>
    internal FlightReader(string name, Func<ValueTask<GrpcMessage?>> source)
    {
        _source = source;
        _decoder = new IpcDecoder(name);
    }

    /// <summary>The stream's schema; null until its message was read.</summary>
    public ArrowSchema? Schema => _decoder.Schema;

    /// <summary>What the application has put beside the last batch.</summary>
    public ReadOnlyMemory<byte> AppMetadata { get; private set; }

    /// <summary>Bytes of the messages read so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The descriptor in the first message of a stream that a client sends.</summary>
    /// <exception cref="GrpcException">There is none.</exception>
    internal async ValueTask<FlightDescriptor> ReadDescriptorAsync()
    {
        if (!await NextFrameAsync().ConfigureAwait(false) || _frame.Descriptor.IsEmpty)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "the first message of the stream has no descriptor");
        _hasFirst = true;
        return FlightMarshallers.Descriptor.Read(_frame.Descriptor);
    }

    /// <summary>Reads up to the schema.</summary>
    /// <exception cref="GrpcException">INVALID_ARGUMENT: the stream ends without one, or is damaged.</exception>
    public async ValueTask<ArrowSchema> ReadSchemaAsync() =>
        await TryReadSchemaAsync().ConfigureAwait(false)
            ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "the stream has no schema");

    /// <summary>Reads up to the schema; null where the stream ends without one.</summary>
    public async ValueTask<ArrowSchema?> TryReadSchemaAsync()
    {
        while (Schema is null)
        {
            if (!await NextFrameAsync().ConfigureAwait(false))
                return null;
            Decode();
        }
        return Schema;
    }

    /// <summary>The next batch; null at the end.</summary>
    /// <exception cref="GrpcException">INVALID_ARGUMENT: the stream is damaged.</exception>
    public async ValueTask<ArrowBatch?> NextAsync()
    {
        while (await NextFrameAsync().ConfigureAwait(false))
        {
            if (Decode() is { } batch)
                return batch;
        }
        return null;
    }

    public void Dispose() => _message?.Dispose();

    private async ValueTask<bool> NextFrameAsync()
    {
        if (_hasFirst)
        {
            _hasFirst = false;
            return true;
        }
        _message?.Dispose();
        _message = null;
        _message = await _source().ConfigureAwait(false);
        if (_message is null)
            return false;
        _frame = FlightFrame.Read(_message.Bytes);
        Bytes += _message.Length;
        return true;
    }

    private ArrowBatch? Decode()
    {
        AppMetadata = _frame.AppMetadata;
        if (_frame.Header.IsEmpty)
            return null; // metadata of the application's alone
        try
        {
            return _decoder.Read(_frame.Header, _frame.Body);
        }
        catch (IpcException damage)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, damage.Message, damage);
        }
    }
}
