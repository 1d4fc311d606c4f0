namespace VecSQL.Cluster.Etcd;

/// <summary>Cuts a stream into lines; a read that was begun goes on while nobody waits for it.</summary>
/// <remarks>Memory: what a line needs, and no more than a limit.</remarks>
internal sealed class LineReader(Stream source, int lineBytesMax)
{
    private byte[] _buffer = new byte[16 << 10];
    private int _start, _end, _searched;
    private Task<int>? _reading;

    /// <summary>The next line without its end, valid until the next call; null at the end of the stream.</summary>
    /// <exception cref="TimeoutException">None came within the time; ask again.</exception>
    /// <exception cref="InvalidDataException">The line is too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        while (true)
        {
            int at = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, _searched + at - _start);
                _start = _searched += at + 1;
                return line;
            }
            _searched = _end;
            MakeRoom();
            _reading ??= source.ReadAsync(_buffer.AsMemory(_end), cancellation).AsTask();
            int count = await _reading.WaitAsync(timeout, time, cancellation);
            _reading = null;
            if (count == 0)
                return null;
            _end += count;
        }
    }

    private void MakeRoom()
    {
        if (_reading is not null || _end < _buffer.Length)
            return;
        int length = _end - _start;
        if (length >= lineBytesMax)
            throw new InvalidDataException($"a line of more than {lineBytesMax} bytes");
        byte[] target = length > _buffer.Length / 2 ? new byte[(int)Math.Min(_buffer.Length * 2L, lineBytesMax)] : _buffer;
        _buffer.AsSpan(_start, length).CopyTo(target);
        (_buffer, _start, _end, _searched) = (target, 0, length, length);
    }
}
