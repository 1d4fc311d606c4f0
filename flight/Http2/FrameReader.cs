namespace VecSQL.Flight.Http2;

/// <summary>Cuts what comes on a connection into frames.</summary>
/// <remarks>
/// Memory:  small frames are read into one buffer, many at once; of a body's frames what has not come with others is received where it is wanted.
/// Threads: one at a time.
/// </remarks>
internal sealed class FrameReader(Stream source, TimeProvider time)
{
    /// <summary>The longest payload that is read as a whole.</summary>
    public const int PayloadBytesMax = 80 << 10;

    /// <summary>What is received at once where nothing else is known: more would be copied once more.</summary>
    private const int AheadBytes = 16 << 10;

    private byte[] _staged = new byte[AheadBytes]; // grows for a payload that is read as a whole
    private int _start, _end;
    private long _lastByte = time.GetTimestamp();

    /// <summary>When something came last.</summary>
    public long LastByte => Volatile.Read(ref _lastByte);

    /// <summary>The next bytes whatever they are; fewer where no more come.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(int count)
    {
        while (_end - _start < count)
        {
            if (!await StageAsync(count).ConfigureAwait(false))
                break;
        }
        return _staged.AsMemory(_start, Math.Min(count, _end - _start));
    }

    /// <summary>The next frame's header, after which its payload is to be read; null at the end.</summary>
    public async ValueTask<FrameHeader?> NextAsync()
    {
        ReadOnlyMemory<byte> bytes = await PeekAsync(FrameHeader.Bytes).ConfigureAwait(false);
        if (bytes.IsEmpty)
            return null;
        if (bytes.Length < FrameHeader.Bytes)
            throw CutOff();
        _start += FrameHeader.Bytes;
        return FrameHeader.Read(bytes.Span);
    }

    /// <summary>A payload, or a part of one, as a whole; valid until the next read.</summary>
    /// <param name="length">At most <see cref="PayloadBytesMax"/>.</param>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int length)
    {
        ReadOnlyMemory<byte> bytes = await PeekAsync(length).ConfigureAwait(false);
        if (bytes.Length < length)
            throw CutOff();
        _start += length;
        return bytes;
    }

    /// <summary>Puts a part of a payload where a body goes.</summary>
    public async ValueTask ReadIntoAsync(IBodySink sink, int length)
    {
        while (length > 0)
        {
            Memory<byte> room = sink.Room();
            if (room.Length > length)
                room = room[..length];
            int count = Math.Min(room.Length, _end - _start);
            if (count > 0)
            {
                _staged.AsMemory(_start, count).CopyTo(room);
                _start += count;
            }
            else if (length >= AheadBytes && room.Length >= AheadBytes)
            {
                count = await ReceiveAsync(room).ConfigureAwait(false);
                if (count == 0)
                    throw CutOff();
            }
            else
            {
                await StageOneAsync().ConfigureAwait(false);
                continue;
            }
            sink.Advance(count);
            length -= count;
        }
    }

    public async ValueTask SkipAsync(int length)
    {
        while (length > 0)
        {
            if (_start == _end)
                await StageOneAsync().ConfigureAwait(false);
            int count = Math.Min(length, _end - _start);
            _start += count;
            length -= count;
        }
    }

    private async ValueTask StageOneAsync()
    {
        if (!await StageAsync(1).ConfigureAwait(false))
            throw CutOff();
    }

    /// <summary>Receives more, with room for so many bytes in all.</summary>
    private async ValueTask<bool> StageAsync(int count)
    {
        byte[] roomier = count <= _staged.Length ? _staged : new byte[PayloadBytesMax];
        _staged.AsSpan(_start, _end - _start).CopyTo(roomier);
        (_staged, _start, _end) = (roomier, 0, _end - _start);
        int room = Math.Min(_staged.Length, Math.Max(AheadBytes, count)) - _end;
        int received = await ReceiveAsync(_staged.AsMemory(_end, room)).ConfigureAwait(false);
        _end += received;
        return received > 0;
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> room)
    {
        int count = await source.ReadAsync(room, CancellationToken.None).ConfigureAwait(false);
        Volatile.Write(ref _lastByte, time.GetTimestamp());
        return count;
    }

    private static Http2Exception CutOff() => new(Http2Error.Protocol, "the connection has ended within a frame");
}
