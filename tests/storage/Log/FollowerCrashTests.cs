using VecSQL.Catalog.Objects;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Log;

/// <summary>A follower's machine stops at every write, flush, rename and deletion, and it goes on from its own log and files.</summary>
public sealed class FollowerCrashTests
{
    private readonly TestTimestamps _timestamps = new();
    private readonly List<(LogRecordKind Kind, long Timestamp, byte[] Payload)> _log = [];
    private readonly Dictionary<string, byte[]> _segments = [];
    private TableEntry? _table;

    [Fact]
    public async Task A_follower_goes_on_where_it_was_wherever_its_machine_stops()
    {
        await RecordAsync();
        FaultyFileSystem counting = new();
        string expected = await FollowAsync(counting, keepUnflushed: 0);
        Assert.True(counting.CallCount > 60, "following touches the disk often");
        Assert.StartsWith("2,4,5,20,100,400,", expected, StringComparison.Ordinal);
        for (long call = 0; call < counting.CallCount; call++)
        {
            FaultyFileSystem files = new(new FaultPlan { Seed = (int)call + 1, CrashAtCall = call });
            string found = await FollowAsync(files, keepUnflushed: call % 3 / 2.0);
            Assert.True(expected == found, $"after a stop at call {call} there is {found}, not {expected}");
        }
    }

    /// <summary>Makes a log, and keeps the segments that it names.</summary>
    private async Task RecordAsync()
    {
        FaultyFileSystem files = new();
        await using StorageEngine engine = Open(files, isFollower: false);
        _table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(_table, 1, 2, 3);
        CommitTimestamp earliest = await PrepareAsync(engine, "p", 10, 1, deleted: 1);
        await PrepareAsync(engine, "q", 100, 200, deleted: 2);
        await engine.InsertCommittedAsync(_table, 4, 5);
        await engine.CommitPreparedAsync("p", earliest);
        await PrepareAsync(engine, "r", 400, 200, deleted: 3);
        await engine.RollbackPreparedAsync("q");
        await engine.InsertCommittedAsync(_table, 100);
        await engine.CommitPreparedAsync("r", _timestamps.Next());
        await PrepareAsync(engine, "s", 20, 1, deleted: 10);
        foreach (LogRecord record in new LogReader(files, "/data/log").ReadAfter(0))
            _log.Add((record.Header.Kind, record.Header.Timestamp, record.Payload.ToArray()));
        foreach (string name in files.ListFiles("/data/segments"))
            _segments.Add(name, files.ReadAll($"/data/segments/{name}"));
        Assert.Equal(4, _segments.Count); // two, of two files
    }

    private async Task<CommitTimestamp> PrepareAsync(StorageEngine engine, string id, int first, int count, long deleted)
    {
        await using Transaction transaction = engine.Begin(IsolationLevel.RepeatableRead);
        await transaction.BeginStatementAsync(BeforePrepared(engine), default);
        await transaction.DeleteByIdAsync(_table!, deleted);
        await transaction.InsertAsync(_table!.Id, TestDatabase.Rows([.. Enumerable.Range(first, count).Select(static n => ((long?)n, (string?)"x"))]), default);
        return await transaction.PrepareAsync(id, default, default);
    }

    /// <summary>A moment at which nobody need wait.</summary>
    private CommitTimestamp BeforePrepared(StorageEngine engine) => engine.Prepared.Count == 0
        ? _timestamps.Next() : new CommitTimestamp(engine.Prepared.Min(static prepared => prepared.Earliest.Value) - 1);

    /// <summary>Follows the log from where the follower is, over a stop of its machine.</summary>
    /// <returns>What there is in the end, once it leads and all is decided.</returns>
    private async Task<string> FollowAsync(FaultyFileSystem files, double keepUnflushed)
    {
        while (true)
        {
            try
            {
                await using StorageEngine engine = Open(files, isFollower: true);
                for (int next = (int)engine.State.Commits.Log.LastSequence; next < _log.Count; next++)
                {
                    (LogRecordKind kind, long timestamp, byte[] payload) = _log[next];
                    CopySegments(files, LogReplay.Decode(kind, payload));
                    await engine.ApplyAsync(kind, timestamp, payload);
                    if (next % 3 == 2)
                        await engine.CheckpointAsync(default);
                    if (next % 5 == 4)
                        await engine.CompactAsync(_table!.Id, default);
                }
                await engine.LeadAsync();
                foreach (PreparedState prepared in engine.Prepared) // but where that was done before the stop
                    await engine.CommitPreparedAsync(prepared.GlobalId, prepared.Earliest);
                await engine.CheckpointAsync(default);
                return string.Join(',', await engine.IdsAsync(_table!));
            }
            catch (Exception) when (files.HasCrashed)
            {
                files.CrashAndRestart(keepUnflushed);
            }
        }
    }

    private void CopySegments(FaultyFileSystem files, ReplayedRecord record)
    {
        foreach (SegmentInfo segment in record.Segments)
        {
            foreach (string name in (string[])[segment.Id.ArrowName, segment.Id.SidecarName])
            {
                using IFile file = files.Open($"/data/segments/{name}", FileOpening.Replace);
                file.Write(0, _segments[name]);
                file.Flush();
            }
            files.FlushDirectory("/data/segments");
        }
    }

    private StorageEngine Open(FaultyFileSystem files, bool isFollower) => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = files,
        Timestamps = _timestamps,
        RunsBackgroundWork = false,
        DirectSegmentBytes = 2000,
        HistoryKept = isFollower ? TimeSpan.Zero : TimeSpan.FromDays(36500), // counters are no times: everything
        IsFollower = isFollower,
        Node = isFollower ? (ushort)2 : (ushort)1,
    });
}
