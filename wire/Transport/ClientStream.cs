using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VecSQL.Wire.Transport;

/// <summary>A client's socket, as bytes in and out.</summary>
/// <remarks>
/// A client is waited for without a thread, and what it sends is worked on by one of the <see cref="ClientWorkers"/>; a read into an empty
/// buffer only waits, so that a client that says nothing costs no buffer either.
/// Threads: one reads at a time, one writes at a time; <see cref="EndReading"/> and <see cref="HasLeft"/> from any.
/// </remarks>
internal sealed class ClientStream : Stream
{
    private static readonly Action s_mayHoldBytes = static () => { };

    private readonly Socket _socket;
    private readonly ClientWorkers _workers;
    private long _busySince; // milliseconds; 0 while waiting for the client
    private bool _isWaitedFor, _hasLeft;
    private Action? _next; // who waits for the client, or s_mayHoldBytes; null while nothing is left to read and nobody waits
    private long _workedTicks, _takenTicks;
    private double _processor;
    private ReplyBatch? _aside;
    private Task? _unsent;
    private Exception? _failure;

    public ClientStream(Socket socket, ClientWorkers workers)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _socket.Blocking = false;
        _workers = workers;
        Number = workers.Add(this);
        Descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        RemoteAddress = _socket.RemoteEndPoint?.ToString();
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    // A socket has no length and no place in it, and is neither read nor written synchronously.
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public string? RemoteAddress { get; }

    /// <summary>The socket's number in the system; of another socket once this one is closed.</summary>
    public int Descriptor { get; }

    /// <summary>The client's number, which no other has.</summary>
    public long Number { get; }

    public SafeHandle Handle => _socket.SafeHandle;

    /// <summary>Where it is waited for; null before it is. Guarded by the workers.</summary>
    public ClientLane? Lane { get; set; }

    /// <summary>Where its last reply has been put aside; null when it has been sent.</summary>
    public ReplyBatch? Aside
    {
        get => Volatile.Read(ref _aside);
        set => Volatile.Write(ref _aside, value);
    }

    /// <summary>How long its last message took the worker that it woke; long before the first.</summary>
    public long LastTicks { get; private set; } = long.MaxValue;

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

    /// <summary>Waits for the next byte and leaves it where it is; −1 when the client has gone.</summary>
    public async ValueTask<int> PeekAsync(CancellationToken cancellation)
    {
        byte[] next = new byte[1];
        while (true)
        {
            await ReadAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
            int count = _socket.Receive(next, SocketFlags.Peek, out SocketError error);
            if (error == SocketError.Success)
                return count == 0 ? -1 : next[0];
            if (error != SocketError.WouldBlock)
                throw Broken(error);
        }
    }

    /// <summary>Continues what waits for the client, on this thread, or has it not wait when it is about to.</summary>
    /// <param name="hasLeft">Whether there will be no other call, and so nothing to wait for any more.</param>
    public void GoOn(bool hasLeft)
    {
        if (hasLeft)
            Volatile.Write(ref _hasLeft, true);
        if (Interlocked.Exchange(ref _next, s_mayHoldBytes) is { } continuation && continuation != s_mayHoldBytes)
            continuation();
    }

    /// <summary>Counts what a message took the worker that it woke, up to a limit above which no worker is kept.</summary>
    public void Worked(long ticks)
    {
        LastTicks = ticks;
        _workedTicks += Math.Min(ticks, ClientWorkers.LongTicks);
    }

    /// <summary>What the client's messages have taken workers since the last call; 0 if there was none.</summary>
    /// <remarks>A message that is worked on at this moment may be counted by the next call.</remarks>
    public long TakeWorked()
    {
        long worked = Volatile.Read(ref _workedTicks), taken = worked - _takenTicks;
        _takenTicks = worked;
        return taken;
    }

    /// <summary>The number of the processor that takes the client's bytes from the network, or on which a client on this machine sends
    /// them, in the mean of the last calls; 0 where the system does not tell. For one thread.</summary>
    /// <remarks>Source: socket(7), SO_INCOMING_CPU.</remarks>
    public double LookForProcessor()
    {
        const int SocketLevel = 1, IncomingProcessor = 49;
        const double New = 0.25;
        Span<byte> number = stackalloc byte[sizeof(int)];
        try
        {
            _socket.GetRawSocketOption(SocketLevel, IncomingProcessor, number);
            _processor += New * (Math.Max(0, BitConverter.ToInt32(number)) - _processor);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It has gone, or the system does not tell.
        }
        return _processor;
    }

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
            Interlocked.CompareExchange(ref _next, null, s_mayHoldBytes); // what arrives from here on is told
            if (Volatile.Read(ref _hasLeft))
                Volatile.Write(ref _next, s_mayHoldBytes);
            int count = _socket.Receive(buffer.Span, SocketFlags.None, out SocketError error);
            if (count == buffer.Length)
                Volatile.Write(ref _next, s_mayHoldBytes);
            if (error == SocketError.Success)
                return count;
            if (error != SocketError.WouldBlock)
                throw Broken(error);
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a reply after which the client is waited for, so that it need not be sent at once; false if it has to be.</summary>
    public bool TryPutAside(ReadOnlySpan<byte> reply)
    {
        Aside?.Send(); // the last one goes before it
        return _unsent is null && _workers.TryPutAside(this, reply);
    }

    /// <summary>Sends without waiting, or once there is room, ahead of what is written from now on.</summary>
    public void SendNow(ReadOnlyMemory<byte> reply)
    {
        try
        {
            int count = _socket.Send(reply.Span, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock || (error == SocketError.Success && count < reply.Length))
                _unsent = SendLaterAsync(reply[count..].ToArray());
        }
        catch (ObjectDisposedException)
        {
            // It has gone.
        }
    }

    /// <exception cref="IOException">The connection is broken.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Aside?.Send();
        if (_unsent is { } unsent)
        {
            await unsent.ConfigureAwait(false);
            _unsent = null;
        }
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
        await SendSlowlyAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Aside?.Send();
            _workers.Remove(this);
            _socket.Dispose();
        }
        base.Dispose(disposing);
    }

    private async ValueTask WaitAsync(CancellationToken cancellation)
    {
        Volatile.Write(ref _busySince, 0);
        if (_workers.CanWait)
        {
            using CancellationTokenRegistration registration =
                cancellation.UnsafeRegister(static client => ((ClientStream)client!).GoOnElsewhere(), this);
            await new Readable(this, cancellation);
            cancellation.ThrowIfCancellationRequested();
        }
        else
        {
            await WaitByRuntimeAsync(cancellation).ConfigureAwait(false);
        }
        Volatile.Write(ref _busySince, Environment.TickCount64);
    }

    private async ValueTask WaitByRuntimeAsync(CancellationToken cancellation)
    {
        try
        {
            await _socket.ReceiveAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
        }
        catch (SocketException broken)
        {
            throw Broken(broken.SocketErrorCode);
        }
    }

    // Whoever cancels, or waits in vain, must not be kept.
    private void GoOnElsewhere() =>
        ThreadPool.UnsafeQueueUserWorkItem(static client => client.GoOn(hasLeft: false), this, preferLocal: false);

    private bool MayHoldBytes => Volatile.Read(ref _next) == s_mayHoldBytes;

    private void GoOnLater(Action continuation, CancellationToken cancellation)
    {
        if (Interlocked.CompareExchange(ref _next, continuation, null) is not null)
            _workers.Post(continuation); // something has arrived meanwhile
        else if (!_isWaitedFor)
            BeginWaits(); // after this it may run already
        if (cancellation.IsCancellationRequested)
            GoOnElsewhere(); // perhaps before there was anything to go on with
    }

    private void BeginWaits()
    {
        _isWaitedFor = true;
        try
        {
            _workers.WaitFor(this);
        }
        catch (Exception error) when (error is Win32Exception or ObjectDisposedException)
        {
            _failure = error;
            GoOnElsewhere();
        }
    }

    /// <summary>Awaited, it continues on a worker once there may be something to read, or the client has left.</summary>
    private readonly struct Readable(ClientStream client, CancellationToken cancellation) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => client.MayHoldBytes;

        public Readable GetAwaiter() => this;

        /// <exception cref="IOException">The system cannot wait for the client.</exception>
        public void GetResult()
        {
            if (client._failure is { } failure)
                throw new IOException("the connection to the client is broken", failure);
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) => client.GoOnLater(continuation, cancellation);
    }

    /// <summary>Sends to a client that reads slowly.</summary>
    private async Task SendSlowlyAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            while (!buffer.IsEmpty)
                buffer = buffer[await _socket.SendAsync(buffer, cancellation).ConfigureAwait(false)..];
        }
        catch (SocketException broken)
        {
            throw Broken(broken.SocketErrorCode);
        }
    }

    private async Task SendLaterAsync(ReadOnlyMemory<byte> reply)
    {
        try
        {
            await SendSlowlyAsync(reply, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException)
        {
            // It has gone, which whoever reads from it next is told.
        }
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
