namespace VecSQL.Flight.Http2;

/// <summary>The open streams of a connection, how much either side may still send on them, and whether more may be begun.</summary>
/// <remarks>
/// Source:  RFC 9113, 5.1, 5.2 and 6.5.
/// Threads: any. One lock guards all that is here, and of each stream what is said there to be the table's. Under it nobody waits, sends or fails
///          a stream; who has the turn to send may take it, and nobody asks for the turn under it. A stream that is taken out before its end is
///          failed by who took it out, and by nobody else.
/// </remarks>
/// <param name="isClient">Whether this side begins the streams.</param>
/// <param name="own">What this side has asked of the other.</param>
/// <param name="make">Makes a stream of a number, of which the other side takes so many bytes at first; under the lock.</param>
internal sealed class StreamTable(bool isClient, Http2Settings own, Func<int, int, Http2Stream> make)
{
    /// <summary>Streams at once on a connection whose other side has not said how many it takes.</summary>
    private const int StreamsMaxUnsaid = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Http2Stream> _open = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Http2Settings _peer = new() { StreamsMax = StreamsMaxUnsaid };
    private Exception? _failure, _told; // what the other side has said of the end
    private long _sendWindow = Http2Settings.WindowBytesUsual;
    private int _nextId = 1, _lastPeerId, _reserved, _serving;
    private bool _isLeaving;

    /// <summary>Whether no stream is begun any more: the connection has ended, or one side leaves.</summary>
    public bool IsLeaving
    {
        get
        {
            lock (_gate)
                return _isLeaving || _failure is not null;
        }
    }

    /// <summary>The last stream that the other side has begun.</summary>
    public int LastPeerId
    {
        get
        {
            lock (_gate)
                return _lastPeerId;
        }
    }

    /// <summary>The longest frame that the other side takes.</summary>
    public int FrameBytesMax
    {
        get
        {
            lock (_gate)
                return _peer.FrameBytesMax;
        }
    }

    /// <summary>Begins no more streams. Those that run go on.</summary>
    /// <returns>False where that was so already.</returns>
    public bool TryLeave()
    {
        lock (_gate)
        {
            if (_isLeaving || _failure is not null)
                return false;
            _isLeaving = true;
            return true;
        }
    }

    /// <summary>Ends all streams, for ever.</summary>
    /// <returns>False where they have been.</returns>
    public bool TryFail(Exception reason)
    {
        Http2Stream[] ended;
        lock (_gate)
        {
            if (_failure is not null)
                return false;
            reason = _told ?? reason;
            _failure = reason;
            ended = [.. _open.Values];
            _open.Clear();
        }
        foreach (Http2Stream stream in ended)
            stream.Fail(reason);
        return true;
    }

    /// <summary>Returns when nothing is served any more; meant for one that leaves.</summary>
    public Task ServedAsync()
    {
        lock (_gate)
        {
            _isLeaving = true;
            if (_serving == 0)
                _idle.TrySetResult();
        }
        return _idle.Task;
    }

    /// <summary>Takes a place for a stream, which <see cref="Open"/> or <see cref="GiveBackPlace"/> uses up.</summary>
    /// <returns>False where there is none, or no more are begun.</returns>
    public bool TryReserve()
    {
        lock (_gate)
        {
            if (_isLeaving || _failure is not null || _nextId < 0 || _reserved + _open.Count >= _peer.StreamsMax)
                return false;
            _reserved++;
            return true;
        }
    }

    public void GiveBackPlace()
    {
        lock (_gate)
            _reserved--;
    }

    /// <summary>Opens the stream that a place was taken for, whose headers are to be sent before a later one's.</summary>
    public Http2Stream Open()
    {
        lock (_gate)
        {
            _reserved--;
            if (_failure is { } failure)
                throw new IOException(failure.Message, failure);
            if (_isLeaving)
                throw new Http2Exception(Http2Error.RefusedStream, "the server takes no more calls on the connection");
            Http2Stream stream = make(_nextId, _peer.WindowBytes);
            _nextId += 2;
            _open.Add(stream.Id, stream);
            return stream;
        }
    }

    /// <summary>Takes a stream that the client has begun, to be served until <see cref="EndServing"/>.</summary>
    /// <param name="fields">What it begins with; null where they were longer than allowed.</param>
    /// <returns>Null where no more are taken: the client was told which it may try again.</returns>
    /// <exception cref="Http2Exception">It could not be begun, is one too many, or cannot be believed.</exception>
    public Http2Stream? Accept(int streamId, List<HeaderField>? fields)
    {
        lock (_gate)
        {
            if ((streamId & 1) == 0 || streamId <= _lastPeerId)
                throw new Http2Exception(Http2Error.StreamClosed, $"headers for stream {streamId}, which has ended or cannot be");
            if (_isLeaving || _failure is not null)
                return null;
            _lastPeerId = streamId;
            // Those that were given up run on for a while: to give up and begin anew must not gain anybody any number of them.
            if (_open.Count >= own.StreamsMax || _serving >= 2L * own.StreamsMax)
                throw new Http2Exception(Http2Error.RefusedStream, "too many calls at once", streamId);
            HeaderRules.Check(fields, HeaderKind.Request, streamId);
            Http2Stream stream = make(streamId, _peer.WindowBytes);
            stream.Receive(fields);
            _open.Add(streamId, stream);
            _serving++;
            return stream;
        }
    }

    public void EndServing()
    {
        lock (_gate)
        {
            _serving--;
            if (_serving == 0 && _isLeaving)
                _idle.TrySetResult();
        }
    }

    /// <summary>The stream; null where it is not open.</summary>
    public Http2Stream? Find(int streamId)
    {
        lock (_gate)
            return _open.GetValueOrDefault(streamId);
    }

    /// <exception cref="Http2Exception">The stream is not open and never was.</exception>
    public void RequireBegun(int streamId)
    {
        lock (_gate)
            FindBegun(streamId);
    }

    /// <summary>Takes a stream out.</summary>
    /// <returns>False where it was not open.</returns>
    public bool Remove(Http2Stream stream)
    {
        lock (_gate)
            return _open.Remove(stream.Id);
    }

    /// <summary>Takes a stream out that the other side gives up.</summary>
    /// <returns>Null where it was not open any more.</returns>
    /// <exception cref="Http2Exception">It was never begun.</exception>
    public Http2Stream? RemoveGivenUp(int streamId)
    {
        lock (_gate)
        {
            Http2Stream? stream = FindBegun(streamId);
            _open.Remove(streamId);
            return stream;
        }
    }

    /// <summary>Begins no more streams, and takes out those that the other side does not serve any more.</summary>
    /// <param name="lastId">Of those that it does.</param>
    /// <param name="told">What everything that is still open ends by, once the connection does; null for its own end.</param>
    public List<Http2Stream> RemoveRefused(int lastId, Http2Exception? told)
    {
        List<Http2Stream> refused = [];
        lock (_gate)
        {
            _isLeaving = true;
            _told = told ?? _told;
            foreach (Http2Stream stream in _open.Values)
            {
                if (isClient && stream.Id > lastId)
                    refused.Add(stream);
            }
            foreach (Http2Stream stream in refused)
                _open.Remove(stream.Id);
        }
        return refused;
    }

    /// <summary>All has been sent on a stream that will be.</summary>
    public void EndSending(Http2Stream stream)
    {
        lock (_gate)
        {
            stream.IsSent = true;
            if (stream.IsReceived)
                _open.Remove(stream.Id);
        }
    }

    /// <summary>All has come on a stream that will.</summary>
    public void EndReceiving(Http2Stream stream)
    {
        lock (_gate)
        {
            stream.IsReceived = true;
            if (stream.IsSent)
                _open.Remove(stream.Id);
        }
    }

    /// <summary>Heeds what the other side asks of this one, for streams that are open, too.</summary>
    /// <exception cref="Http2Exception">It cannot be asked.</exception>
    public void Heed(ReadOnlySpan<byte> settings)
    {
        lock (_gate)
        {
            Http2Settings before = _peer;
            _peer = before.With(settings);
            foreach (Http2Stream stream in _open.Values)
                Widen(stream, (long)_peer.WindowBytes - before.WindowBytes, 0);
        }
    }

    /// <summary>The other side takes so many bytes more, of a stream or, where that is 0, of all.</summary>
    /// <exception cref="Http2Exception">The window becomes too wide, or the stream was never begun.</exception>
    public void Widen(int streamId, int count)
    {
        lock (_gate)
        {
            if (streamId != 0)
            {
                if (FindBegun(streamId) is { } stream)
                    Widen(stream, count, streamId);
                return;
            }
            _sendWindow += count;
            if (_sendWindow > Http2Settings.WindowBytesMax)
                throw new Http2Exception(Http2Error.FlowControl, "the connection's window grows beyond what there can be");
            WakeSenders();
        }
    }

    /// <summary>Takes of the windows what a frame of a stream may have.</summary>
    /// <returns>At most what is wanted; 0 where <see cref="Http2Stream.WindowGrew"/> is to be waited for.</returns>
    public int TakeWindow(Http2Stream stream, long wanted)
    {
        lock (_gate)
        {
            long most = Math.Min(Math.Min(stream.SendWindow, _sendWindow), _peer.FrameBytesMax);
            if (most <= 0)
                return 0;
            int count = (int)Math.Min(most, wanted);
            stream.SendWindow -= count;
            _sendWindow -= count;
            return count;
        }
    }

    /// <summary>Gives back what was taken and is not sent.</summary>
    public void GiveBackWindow(Http2Stream stream, int count)
    {
        lock (_gate)
        {
            stream.SendWindow += count;
            _sendWindow += count;
            WakeSenders();
        }
    }

    /// <summary>Takes of a stream's window what comes in a frame.</summary>
    /// <param name="stream">Null where it is not open any more.</param>
    /// <returns>False where more comes than was allowed.</returns>
    /// <exception cref="Http2Exception">The stream was never begun.</exception>
    public bool TryReceive(int streamId, int count, out Http2Stream? stream)
    {
        lock (_gate)
        {
            stream = FindBegun(streamId);
            if (stream is null || stream.IsReceived)
                return true;
            stream.ReceiveWindow -= count;
            return stream.ReceiveWindow >= 0;
        }
    }

    /// <summary>Lets so many bytes more come on a stream.</summary>
    /// <returns>False where none will.</returns>
    public bool TryCredit(Http2Stream stream, long count)
    {
        lock (_gate)
        {
            if (_failure is not null || stream.Failure is not null)
                return false;
            stream.ReceiveWindow += count;
            return true;
        }
    }

    /// <param name="culprit">The stream that ends where the window becomes too wide; 0 for the connection.</param>
    private static void Widen(Http2Stream stream, long count, int culprit)
    {
        stream.SendWindow += count;
        if (stream.SendWindow > Http2Settings.WindowBytesMax)
            throw new Http2Exception(Http2Error.FlowControl, "a stream's window grows beyond what there can be", culprit);
        stream.WindowGrew.Set();
    }

    private void WakeSenders()
    {
        foreach (Http2Stream stream in _open.Values)
            stream.WindowGrew.Set();
    }

    /// <summary>The stream, or null where it has ended.</summary>
    /// <exception cref="Http2Exception">It was never begun.</exception>
    private Http2Stream? FindBegun(int streamId)
    {
        if (_open.TryGetValue(streamId, out Http2Stream? stream))
            return stream;
        bool isBegun = (streamId & 1) == 1 && (isClient ? streamId < _nextId : streamId <= _lastPeerId);
        return isBegun ? null : throw new Http2Exception(Http2Error.Protocol, $"stream {streamId} was not begun");
    }
}
