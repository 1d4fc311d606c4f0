using System.Net.Sockets;

namespace VecSQL.Wire.Transport;

/// <summary>A client's socket, as bytes in and out.</summary>
/// <remarks>
/// A busy client is waited for on a thread of its own (<see cref="ClientThreads"/>), a quiet one without a thread; a read into an empty
/// buffer only waits, so that a client that says nothing costs no buffer either.
/// Threads: one reads at a time, one writes at a time; <see cref="EndReading"/> and <see cref="HasLeft"/> from any.
/// </remarks>
internal sealed class ClientStream : Stream
{
    private readonly Socket _socket;
    private readonly ClientThreads _threads;
    private long _busySince; // milliseconds; 0 while waiting for the client
    private int _wokenOn;

    public ClientStream(Socket socket, ClientThreads threads)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _socket.Blocking = false;
        _threads = threads;
        RemoteAddress = _socket.RemoteEndPoint?.ToString();
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public string? RemoteAddress { get; }

    /// <summary>For how long the client's last bytes have been worked on.</summary>
    public TimeSpan BusyFor => Volatile.Read(ref _busySince) is var since and > 0
        ? TimeSpan.FromMilliseconds(Environment.TickCount64 - since)
        : TimeSpan.Zero;

    /// <summary>Whether the client has closed its end, also behind bytes that have not been read yet where the system can tell.</summary>
    public bool HasLeft
    {
        get
        {
            try
            {
                return OperatingSystem.IsLinux() ? IsClosedByTcp() : IsAtEnd();
            }
            catch (SocketException)
            {
                return true; // reset
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Ends a wait for the client as if it had left; what is to be sent still goes out.</summary>
    public void EndReading()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Receive);
        }
        catch (SocketException)
        {
            // It has left by itself.
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Goes on on a thread of the client's own, if there is one to be had.</summary>
    public ClientThreads.Move MoveToOwnThread() => _threads.MoveTo(this);

    /// <exception cref="IOException">The connection is broken.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            await WaitAsync(cancellationToken).ConfigureAwait(false);
            return 0;
        }
        while (true)
        {
            int count = _socket.Receive(buffer.Span, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success)
                return count;
            if (error != SocketError.WouldBlock)
                throw Broken(error);
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <exception cref="IOException">The connection is broken.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int count = _socket.Send(buffer.Span, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
                throw Broken(error);
            if (count == buffer.Length)
                return;
            buffer = buffer[count..];
            if (error == SocketError.WouldBlock)
                break;
        }
        try
        {
            while (!buffer.IsEmpty) // the client reads slowly
                buffer = buffer[await _socket.SendAsync(buffer, cancellationToken).ConfigureAwait(false)..];
        }
        catch (SocketException broken)
        {
            throw Broken(broken.SocketErrorCode);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _socket.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask WaitAsync(CancellationToken cancellation)
    {
        Volatile.Write(ref _busySince, 0);
        try
        {
            // Work that was interrupted (by a commit, say) will be again: for such a client a thread would only be moved to and fro.
            if (_wokenOn == Environment.CurrentManagedThreadId)
                await _threads.MoveTo(this);
            bool isReadable = ClientThreads.Serves(this) && _socket.Poll(_threads.QuietAfter, SelectMode.SelectRead);
            if (!isReadable)
                await _socket.ReceiveAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
        }
        catch (SocketException broken)
        {
            throw Broken(broken.SocketErrorCode);
        }
        _wokenOn = Environment.CurrentManagedThreadId;
        Volatile.Write(ref _busySince, Environment.TickCount64);
    }

    private static IOException Broken(SocketError error) =>
        new("the connection to the client is broken", new SocketException((int)error));

    private bool IsClosedByTcp()
    {
        const int Tcp = 6, TcpInformation = 11; // IPPROTO_TCP, TCP_INFO, whose first byte is the connection's state
        const byte Close = 7, CloseWait = 8, LastAck = 9;
        Span<byte> information = stackalloc byte[8];
        _socket.GetRawSocketOption(Tcp, TcpInformation, information);
        return information[0] is Close or CloseWait or LastAck;
    }

    private bool IsAtEnd()
    {
        Span<byte> next = stackalloc byte[1];
        int count = _socket.Receive(next, SocketFlags.Peek, out SocketError error);
        return error is not (SocketError.Success or SocketError.WouldBlock) || (error == SocketError.Success && count == 0);
    }
}
