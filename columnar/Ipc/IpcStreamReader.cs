using System.Buffers.Binary;

namespace VecSQL.Columnar.Ipc;

/// <summary>Reads a whole stream, or a file from its front, from pieces that are cut anywhere.</summary>
/// <remarks>
/// A file's messages lie one behind the other like a stream's; its footer is not needed and not looked at.
/// Memory:  one message, taken as its bytes come and never by what its length claims.
/// Threads: one at a time.
/// </remarks>
public sealed class IpcStreamReader(string name, IpcLimits? limits = null)
{
    private const int FileHeadBytes = 8;

    private readonly IpcDecoder _decoder = new(name, limits);
    private byte[] _held = [];
    private int _start, _end;   // what of it was not read
    private bool _isGivenAway;  // batches point into it
    private long _heldOffset;   // of the stream, where what was not read begins
    private State _state;
    private int _metadataBytes;

    private enum State : byte { Start, FilePadding, Prefix, Message, Ended }

    /// <summary>The stream's schema; null until it has come.</summary>
    public ArrowSchema? Schema => _decoder.Schema;

    /// <summary>The mark at the end has come; what follows is not looked at.</summary>
    public bool IsEnded => _state == State.Ended;

    /// <summary>Where in the stream the message being read begins.</summary>
    public long Offset => _heldOffset;

    /// <summary>Takes the next piece.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        if (IsEnded)
            return;
        int rest = _end - _start;
        if (_isGivenAway || piece.Length > _held.Length - _end)
        {
            long needed = (long)rest + piece.Length;
            bool fits = !_isGivenAway && needed <= _held.Length / 2;
            byte[] target = fits ? _held : GC.AllocateUninitializedArray<byte>((int)Math.Max(needed, Math.Min(2 * needed, Array.MaxLength)));
            _held.AsSpan(_start, rest).CopyTo(target);
            (_held, _start, _end, _isGivenAway) = (target, 0, rest, false);
        }
        piece.CopyTo(_held.AsSpan(_end));
        _end += piece.Length;
    }

    /// <summary>Reads on to the next record batch among what has come.</summary>
    /// <returns>Null where more must come first, or nothing comes any more.</returns>
    /// <exception cref="IpcException">The bytes are not such a stream, or use what is not supported.</exception>
    public ArrowBatch? TryRead()
    {
        while (true)
        {
            ReadOnlySpan<byte> held = _held.AsSpan(_start, _end - _start);
            switch (_state)
            {
                case State.Start when held.Length >= FileHeadBytes:
                    bool isFile = held.StartsWith(IpcFormat.Magic);
                    _state = isFile ? State.FilePadding : State.Prefix;
                    if (isFile)
                        Drop(FileHeadBytes);
                    break;
                case State.FilePadding when held.Length >= sizeof(int):
                    if (BinaryPrimitives.ReadInt32LittleEndian(held) == 0 && _heldOffset < IpcFormat.Alignment)
                        Drop(sizeof(int));
                    else
                        _state = State.Prefix;
                    break;
                case State.Prefix when held.Length >= IpcFormat.PrefixBytes || IsShortEnd(held):
                    ReadPrefix(held);
                    break;
                case State.Message when held.Length >= _metadataBytes && ReadMessage(out ArrowBatch? batch):
                    if (batch is not null)
                        return batch;
                    break;
                default:
                    return null;
            }
        }
    }

    /// <summary>Nothing more comes.</summary>
    /// <exception cref="IpcException">It ends within a message, or before its schema.</exception>
    public void Complete()
    {
        if (Schema is null)
            throw Damage("it ends before its schema");
        if (_state == State.Message || (_state == State.Prefix && _end > _start))
            throw Damage("it ends within a message");
    }

    private static bool IsShortEnd(ReadOnlySpan<byte> held) =>
        held.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(held) == 0;

    /// <summary>The mark and the metadata's length; writers of long ago left the mark away.</summary>
    private void ReadPrefix(ReadOnlySpan<byte> held)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(held), prefix = sizeof(int);
        if (length == -1)
        {
            length = BinaryPrimitives.ReadInt32LittleEndian(held[sizeof(int)..]);
            prefix = IpcFormat.PrefixBytes;
        }
        if (length == 0)
        {
            _state = State.Ended;
            (_held, _start, _end) = ([], 0, 0);
            return;
        }
        if (length is < 8 or > IpcLimits.MetadataBytesMax)
            throw Damage($"metadata of {length} bytes");
        Drop(prefix);
        _metadataBytes = length;
        _state = State.Message;
    }

    private bool ReadMessage(out ArrowBatch? batch)
    {
        batch = null;
        long bodyBytes;
        try
        {
            bodyBytes = FlatTable.Root(_held.AsSpan(_start, _metadataBytes)).Int64(IpcFormat.Field.MessageBodyLength);
        }
        catch (FlatBufferException damage)
        {
            throw Damage(damage.Message);
        }
        if (bodyBytes is < 0 or > IpcLimits.BodyBytesMax)
            throw Damage($"a body of {bodyBytes} bytes");
        if (_end - _start - _metadataBytes < bodyBytes)
            return false;
        int metadata = _start, body = _start + _metadataBytes;
        _isGivenAway = true;
        try
        {
            batch = _decoder.Read(_held.AsMemory(metadata, _metadataBytes), _held.AsMemory(body, (int)bodyBytes));
        }
        catch (IpcException damage)
        {
            throw Damage(damage.Reason);
        }
        Drop(_metadataBytes + (int)bodyBytes);
        _state = State.Prefix;
        return true;
    }

    private void Drop(int count)
    {
        _heldOffset += count;
        _start += count;
    }

    private IpcException Damage(string reason) => new(name, _heldOffset, reason);
}
