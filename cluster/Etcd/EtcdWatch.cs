using System.Text.Json;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Metadata;

namespace VecSQL.Cluster.Etcd;

/// <summary>One watch over the members of etcd: goes on at the next revision when a connection, or a member, is lost.</summary>
/// <remarks>
/// Silence: says nothing: the member may hang, or be cut off from the others, or the connection be dead. So its member is then asked, by a read
///          through the quorum, what there is that the watch has not told; a member that is set aside for another request's sake is left at once.
/// Start:   etcd is asked for the revision before the next, which is dropped: releases before 3.4.36 and 3.5.18 forget a deletion that was made in the very
///          revision that they compact to.
/// Threads: one at a time.
/// </remarks>
internal sealed class EtcdWatch : IDisposable
{
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(50), WaitMax = TimeSpan.FromSeconds(2);

    /// <summary>What etcd says where a login is missing, has run out, or does not suffice.</summary>
    private static readonly string[] AboutLogins = ["permission denied", "auth", "user name is empty"];

    private readonly EtcdGateway _gateway;
    private readonly EtcdOptions _options;
    private readonly TimeProvider _time;
    private readonly string _prefix;
    private readonly EtcdRangeRequest _range;
    private readonly Backoff _backoff;
    private long _seen, _owed;
    private bool _isTokenFresh;
    private Connection? _connection;

    public EtcdWatch(EtcdGateway gateway, EtcdOptions options, TimeProvider time, string prefix, long afterRevision)
    {
        _gateway = gateway;
        _options = options;
        _time = time;
        _prefix = prefix;
        _range = EtcdKeys.Under(prefix);
        _seen = afterRevision;
        _backoff = new Backoff(WaitMin, WaitMax, new Random(options.Seed));
    }

    /// <summary>Changes of one revision or more.</summary>
    public async ValueTask<IReadOnlyList<MetadataChanges>> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                _connection ??= await ConnectAsync(cancellation);
                if (await ReadAsync(_connection, cancellation) is { Count: > 0 } changes)
                    return changes;
            }
            catch (EtcdFailure failure)
            {
                Disconnect();
                if (failure.Kind is EtcdFailureKind.Refused or EtcdFailureKind.NotLoggedIn)
                    throw new MetadataRefusedException($"etcd refuses: {failure.Message}", failure);
                await Task.Delay(_backoff.Next(), _time, cancellation);
            }
        }
    }

    public void Dispose() => Disconnect();

    private async ValueTask<Connection> ConnectAsync(CancellationToken cancellation)
    {
        EtcdEndpoint endpoint = _gateway.Endpoints.InOrder()[0];
        CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _gateway.Endpoints.LeaveToken(endpoint));
        try
        {
            EtcdWatchRequest request = new(new EtcdWatchCreation(_range.Key, _range.RangeEnd, Math.Max(_seen, 1)));
            HttpResponseMessage response = await _gateway.OpenAsync(endpoint, "/v3/watch", request, EtcdJson.Default.EtcdWatchRequest, ended.Token);
            return new Connection(endpoint, response, await response.Content.ReadAsStreamAsync(ended.Token), ended);
        }
        catch (OperationCanceledException cause) when (!cancellation.IsCancellationRequested)
        {
            ended.Dispose();
            throw new EtcdFailure(EtcdFailureKind.Unknown, "the endpoint was set aside", cause);
        }
        catch
        {
            ended.Dispose();
            throw;
        }
    }

    private async ValueTask<IReadOnlyList<MetadataChanges>> ReadAsync(Connection connection, CancellationToken cancellation)
    {
        try
        {
            ReadOnlyMemory<byte>? line = await connection.Lines.ReadAsync(_options.WatchSilence, _time, connection.Ended.Token);
            if (line is not { } text)
                throw Lost(connection, "the watch's connection was closed", null);
            EtcdWatchMessage message = JsonSerializer.Deserialize(text.Span, EtcdJson.Default.EtcdWatchMessage) ?? throw new JsonException("nothing");
            return Take(connection, message);
        }
        catch (TimeoutException)
        {
            await AskAsync(connection, cancellation);
            return [];
        }
        catch (OperationCanceledException cause) when (!cancellation.IsCancellationRequested)
        {
            throw new EtcdFailure(EtcdFailureKind.Unknown, "the endpoint was set aside", cause);
        }
        catch (Exception cause) when (cause is IOException or HttpRequestException or JsonException or InvalidDataException)
        {
            throw Lost(connection, cause.Message, cause);
        }
    }

    private IReadOnlyList<MetadataChanges> Take(Connection connection, EtcdWatchMessage message)
    {
        if (message.Error is { } error)
            throw Judged(connection, EtcdFailures.Of(error.GrpcCode, error.Message ?? "an error without words"));
        if (message.Result is not { Header: { } header } result)
            throw new InvalidDataException("a line without a result");
        _gateway.Check(header, known: 0);
        if (result.CompactRevision > 0)
            throw new MetadataCompactedException(result.CompactRevision + 1);
        if (result.Canceled)
            throw Canceled(connection, result.CancelReason ?? "");
        _isTokenFresh = false;
        _backoff.Reset();
        return Group(result.Events ?? []);
    }

    /// <summary>The events of each revision together.</summary>
    private List<MetadataChanges> Group(IReadOnlyList<EtcdEvent?> events)
    {
        List<MetadataChanges> found = [];
        for (int i = 0; i < events.Count;)
        {
            long revision = events[i]?.Kv?.ModRevision ?? 0;
            SortedDictionary<string, MetadataChange> changes = new(KeyOrder.Instance);
            for (; i < events.Count && (events[i]?.Kv?.ModRevision ?? 0) == revision; i++)
            {
                MetadataChange change = Change(events[i]);
                if (!changes.TryAdd(change.Key, change))
                    throw new InvalidDataException($"key \"{change.Key}\" twice in revision {revision}");
            }
            if (revision <= _seen)
                continue;
            _gateway.Saw(revision);
            _seen = revision;
            found.Add(new MetadataChanges(revision, [.. changes.Values]));
        }
        return found;
    }

    private MetadataChange Change(EtcdEvent? source)
    {
        if (source?.Kv is not { Key.Length: > 0, ModRevision: > 0 } entry || source.Type is not (null or "PUT" or "DELETE"))
            throw new InvalidDataException("an event without a key or revision, or of an unknown kind");
        string key = EtcdKeys.Text(entry.Key);
        if (!key.StartsWith(_prefix, StringComparison.Ordinal))
            throw new InvalidDataException($"key \"{key}\" was not asked for");
        return new MetadataChange(key, source.Type == "DELETE" ? null : EtcdKeys.Entry(entry));
    }

    /// <summary>After a silence: is there something that the watch should have told?</summary>
    private async ValueTask AskAsync(Connection connection, CancellationToken cancellation)
    {
        if (_owed > _seen)
            throw Lost(connection, $"the watch has not told of revision {_owed}", null);
        EtcdRangeAnswer answer = await _gateway.AskAtAsync(
            connection.Endpoint, EtcdCalls.Range, _range with { Limit = 1, KeysOnly = true, MinModRevision = _seen + 1 }, cancellation);
        _owed = Math.Max(_owed, answer.Kvs is [{ ModRevision: var revision }, ..] ? revision : 0);
    }

    private EtcdFailure Canceled(Connection connection, string reason)
    {
        if (!AboutLogins.Any(words => reason.Contains(words, StringComparison.Ordinal)))
            return Lost(connection, $"etcd has ended the watch: {reason}", null);
        // Said also of a login that has run out; a fresh one tells which it is.
        if (_isTokenFresh || _options.User is null)
            return new EtcdFailure(EtcdFailureKind.Refused, reason);
        _isTokenFresh = true;
        _gateway.Logout(_gateway.Token);
        return new EtcdFailure(EtcdFailureKind.NotDone, reason);
    }

    private EtcdFailure Judged(Connection connection, EtcdFailure failure) =>
        failure.Kind is EtcdFailureKind.Refused or EtcdFailureKind.NotLoggedIn ? Canceled(connection, $"auth: {failure.Message}") : Lost(connection, failure.Message, failure);

    private EtcdFailure Lost(Connection connection, string reason, Exception? cause)
    {
        _gateway.Endpoints.Failed(connection.Endpoint, reason);
        return new EtcdFailure(EtcdFailureKind.Unknown, reason, cause);
    }

    private void Disconnect()
    {
        _connection?.Dispose();
        _connection = null;
        _owed = 0;
    }

    private sealed class Connection(EtcdEndpoint endpoint, HttpResponseMessage response, Stream body, CancellationTokenSource ended) : IDisposable
    {
        public EtcdEndpoint Endpoint => endpoint;

        public LineReader Lines { get; } = new(body, EtcdGateway.AnswerBytesMax);

        public CancellationTokenSource Ended => ended;

        public void Dispose()
        {
            ended.Cancel(); // a read that is still under way ends, so that its buffer is free
            response.Dispose();
            ended.Dispose();
        }
    }
}
