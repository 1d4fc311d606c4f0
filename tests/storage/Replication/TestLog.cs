using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Replication;

/// <summary>A log that several engines apply, and the catalog that they share: what replicas and the metadata store are in earnest.</summary>
internal sealed class TestLog
{
    private uint _nextOid = 40_000;

    internal List<RawRecord> Entries { get; } = [];

    internal Term Term { get; private set; } = new(1);

    internal CatalogSnapshot Catalog { get; private set; } = CatalogSnapshot.Initial.WithVersion(1);

    internal TestTimestamps Timestamps { get; } = new();

    internal LogPosition Last => Entries.Count == 0 ? default : Entries[^1].Position;

    /// <summary>A table t(id bigint primary key, name text); and, where wanted, a column of vectors with an index.</summary>
    internal TableEntry AddTable(string name = "t", bool hasKey = true)
    {
        uint oid = _nextOid++;
        TableEntry table = new(oid, CatalogSnapshot.PublicOid, name)
        {
            Columns = [new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = hasKey }, new ColumnEntry(2, "name", SqlType.Text)],
            Indexes = hasKey ? [new IndexEntry(_nextOid++, $"{name}_pkey", [1]) { IsUnique = true, IsPrimary = true }] : [],
        };
        Change(new PutObject(table));
        return table;
    }

    internal void Change(params CatalogChange[] changes) => Catalog = Catalog.Apply(changes).WithVersion(Catalog.Version + 1);

    internal void BeginTerm()
    {
        Term = Term.Next;
        Append(new LogEntry(LogRecordKind.NoOp, 0, default));
    }

    internal RawRecord Append(LogEntry entry)
    {
        byte[] bytes = new byte[LogFormat.PaddedLength(entry.Payload.Length)];
        entry.Payload.CopyTo(bytes.AsMemory(LogFormat.RecordHeaderBytes));
        LogFormat.WriteRecordHeader(bytes,
            new LogRecordHeader(entry.Payload.Length, 0, Entries.Count + 1, entry.Timestamp, 0, Term.Value, entry.Kind), entry.Payload.Span);
        RawRecord record = RawRecord.Split(bytes)[0];
        Entries.Add(record);
        return record;
    }

    internal void CutAfter(int count) => Entries.RemoveRange(count, Entries.Count - count);
}

/// <summary>An engine that applies a log, or leads it.</summary>
internal sealed class TestReplica : ILogReplicator, IAsyncDisposable
{
    public bool IsServing => true;

    private readonly List<(RawRecord Entry, IProposal? Own)> _gated = [];
    private readonly TestLog _log;
    private readonly ushort _node;
    private Term _term;

    internal TestReplica(TestLog log, ushort node, FaultyFileSystem? files = null)
    {
        (_log, _node) = (log, node);
        Files = files ?? new FaultyFileSystem();
        Catalog = log.Catalog;
        Machine = Open();
    }

    internal FaultyFileSystem Files { get; }

    internal ReplicatedEngine Machine { get; private set; }

    internal StorageEngine Engine => Machine.Engine;

    /// <summary>The catalog as this node knows it.</summary>
    internal CatalogSnapshot Catalog { get; private set; }

    /// <summary>Whether what is proposed is in the log and waits there.</summary>
    internal bool IsGated { get; set; }

    /// <summary>Whether nothing settles.</summary>
    internal TaskCompletionSource? Unsettled { get; set; }

    internal SqlException? Refusal { get; set; }

    internal void Reopen()
    {
        _gated.Clear();
        Machine = Open();
    }

    internal void FollowCatalog()
    {
        CatalogSnapshot before = Catalog;
        Catalog = _log.Catalog;
        Engine.Follow(before, []);
    }

    /// <summary>Applies what the log has; returns whether all of it.</summary>
    internal bool CatchUp(int count = int.MaxValue)
    {
        while (Machine.Applied.Sequence.Value < Math.Min(count, _log.Entries.Count))
        {
            if (!Machine.Apply(_log.Entries[(int)Machine.Applied.Sequence.Value], own: null))
                return false;
        }
        return true;
    }

    internal void Lead()
    {
        _log.BeginTerm();
        FollowCatalog();
        Assert.True(CatchUp());
        _term = _log.Term;
        Machine.Lead(_term);
    }

    /// <summary>Is the primary no more: what waits is abandoned.</summary>
    internal void StepDown()
    {
        foreach ((_, IProposal? own) in _gated)
            own?.Abandoned();
        _gated.Clear();
        _term = default;
        Machine.Follow();
    }

    internal void Release()
    {
        IsGated = false;
        foreach ((RawRecord entry, IProposal? own) in _gated)
            Take(entry, own);
        _gated.Clear();
    }

    public ValueTask ProposeAsync(IReadOnlyList<ProposedEntry> entries, Term term)
    {
        foreach (ProposedEntry entry in entries)
        {
            if (Refusal is not null || term != _term)
                entry.Proposal?.Refused(Refusal ?? StorageState.Moved());
            else if (IsGated)
                _gated.Add((_log.Append(entry.Entry), entry.Proposal));
            else
                Take(_log.Append(entry.Entry), entry.Proposal);
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask SettledAsync(LogPosition position, CancellationToken cancellation)
    {
        if (Unsettled is { } unsettled)
            await unsettled.Task.WaitAsync(cancellation);
    }

    public ValueTask ReachNewestAsync(CancellationToken cancellation) => default;

    public void Wake()
    {
    }

    public ValueTask DisposeAsync() => Machine.DisposeAsync();

    private void Take(RawRecord entry, IProposal? own)
    {
        Assert.True(Machine.Apply(entry, own));
        own?.Acknowledged(entry.Position);
    }

    private ReplicatedEngine Open() => ReplicatedEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = Files,
        Catalog = () => Catalog,
        Replicator = this,
        Timestamps = _log.Timestamps,
        RunsBackgroundWork = false,
        DirectSegmentBytes = 3000,
        HistoryKept = TimeSpan.FromDays(36500), // counters are no times: everything
        Node = _node,
    });
}
