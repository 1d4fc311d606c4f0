using System.Diagnostics;
using System.Runtime.InteropServices;

namespace VecSQL.Wire.Transport;

/// <summary>Short replies that a worker has put aside while other clients' messages wait, sent with one call to the system.</summary>
/// <remarks>
/// A reply that is sent alone wakes whoever waits for it at once, who then takes the processor from the worker for a single message;
/// several clients served by one thread are woken once for all that has been put aside.
/// Errors:  what cannot be sent is dropped: the client has gone, which is found when its next message is read.
/// Threads: any; one at a time by a lock of its own.
/// Source:  io_submit(2): writes to sockets that do not block are done when it returns. Where the system refuses it, replies are sent one by one.
/// </remarks>
internal sealed class ReplyBatch : IDisposable
{
    /// <summary>A reply that is longer is sent at once.</summary>
    public const int ReplyBytesMax = 4096;

    private const int RepliesMax = 16;

    /// <summary>For how long a reply is put aside while statements that are short are run, and how long such a one is.</summary>
    public static readonly long ShortTicks = Stopwatch.Frequency * 50 / 1_000_000;

    private readonly Lock _gate = new();
    private readonly ClientStream[] _clients = new ClientStream[RepliesMax];
    private readonly int[] _ends = new int[RepliesMax];
    private byte[] _bytes = []; // pinned
    private AsynchronousWrites? _writes;
    private bool _isTried;
    private int _count;
    private long _since;

    /// <summary>Whether anything waits to be sent; exact for the worker itself.</summary>
    public bool HasAny => Volatile.Read(ref _count) > 0;

    /// <summary>Whether what waits has waited long enough, or cannot grow.</summary>
    public bool IsDue(long now) => _count == RepliesMax || (_count > 0 && now - _since > ShortTicks);

    /// <summary>Puts a reply aside; false if it has to be sent at once.</summary>
    public bool TryAdd(ClientStream client, ReadOnlySpan<byte> reply)
    {
        if (reply.Length > ReplyBytesMax)
            return false;
        lock (_gate)
        {
            if (_count == RepliesMax)
                return false;
            if (_bytes.Length == 0)
                _bytes = GC.AllocateUninitializedArray<byte>(RepliesMax * ReplyBytesMax, pinned: true);
            if (_count == 0)
                _since = Stopwatch.GetTimestamp();
            int start = Start(_count);
            reply.CopyTo(_bytes.AsSpan(start));
            _ends[_count] = start + reply.Length;
            client.Aside = this;
            _clients[_count++] = client;
            return true;
        }
    }

    /// <summary>Sends all.</summary>
    public void Send()
    {
        lock (_gate)
        {
            if (_count > 1 && !_isTried)
            {
                _isTried = true;
                _writes = AsynchronousWrites.TryOpen(RepliesMax);
            }
            int done = _count > 1 && _writes is not null ? SendTogether(_writes) : 0;
            for (int i = done; i < _count; i++)
                _clients[i].SendNow(Reply(i));
            for (int i = 0; i < _count; i++)
                _clients[i].Aside = null;
            Array.Clear(_clients, 0, _count);
            Volatile.Write(ref _count, 0);
        }
    }

    public void Dispose()
    {
        Send();
        _writes?.Dispose();
    }

    /// <returns>How many have been dealt with.</returns>
    private int SendTogether(AsynchronousWrites writes)
    {
        for (int i = 0; i < _count; i++)
            writes.Set(i, _clients[i].Descriptor, Reply(i));
        int done = writes.Run(_count);
        for (int i = 0; i < done; i++)
        {
            Memory<byte> reply = Reply(i);
            int sent = writes.Sent(i);
            if (sent < reply.Length)
                _clients[i].SendNow(reply[sent..]); // tells what is wrong, or waits for room
        }
        return done;
    }

    private int Start(int i) => i == 0 ? 0 : _ends[i - 1];

    private Memory<byte> Reply(int i) => _bytes.AsMemory(Start(i), _ends[i] - Start(i));
}
