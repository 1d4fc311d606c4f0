using VecSQL.Catalog.Placement;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Tests.Log;

public sealed class ShardLogTests
{
    private const int FileBytes = 600; // a few entries a file

    [Fact]
    public void Entries_come_back_with_their_terms_in_pieces_of_any_size()
    {
        using ShardLog log = Open(new FaultyFileSystem());
        for (int i = 1; i <= 60; i++)
            Assert.Equal(i, Append(log, term: (uint)(i / 20) + 1, payload: i % 7 == 0 ? 3000 : i).Value);
        foreach (int bytesMax in new[] { 1, 64, 200, 5000, 1 << 20 })
        {
            for (long from = 1; from <= 60;)
            {
                List<RawRecord> records = log.Read(new LogSequence(from), bytesMax);
                Assert.NotEmpty(records);
                Assert.True(records.Count == 1 || records.Sum(record => record.Length) <= bytesMax);
                foreach (RawRecord record in records)
                {
                    Assert.Equal(new LogPosition(new Term((uint)(from / 20) + 1), new LogSequence(from)), record.Position);
                    Assert.Equal(from % 7 == 0 ? 3000 : from, record.Payload.Length);
                    Assert.Equal(record.Position.Term, log.TermAt(record.Position.Sequence));
                    from++;
                }
            }
        }
        Assert.Empty(log.Read(new LogSequence(61), 100));
        Assert.Null(log.TermAt(new LogSequence(61)));
        Assert.Equal(20, log.FirstOfTermAt(new LogSequence(33)).Value);
        Assert.Equal(1, log.FirstOfTermAt(new LogSequence(5)).Value);
    }

    [Fact]
    public void What_one_log_has_goes_into_another_and_survives_there_under_its_own_word_of_durability()
    {
        FaultyFileSystem files = new();
        using ShardLog source = Open(new FaultyFileSystem());
        for (int i = 0; i < 5; i++)
        {
            Append(source, 1, 10);
            source.Flush(); // each record says that those before it are durable, which is true there
        }
        using (ShardLog target = Open(files))
            target.Append(source.Read(new LogSequence(1), 1 << 20));
        files.CrashAndRestart(keepUnflushed: 0.5);
        using ShardLog back = Open(files);
        Assert.InRange(back.Last.Sequence.Value, 0, 5);
    }

    [Fact]
    public void Damaged_records_of_another_are_refused()
    {
        using ShardLog source = Open(new FaultyFileSystem());
        for (int i = 0; i < 5; i++)
            Append(source, 1, 30);
        byte[] bytes = source.ReadRaw(new LogSequence(1), 1 << 20).ToArray();
        Random random = new(1);
        for (int i = 0; i < 2000; i++)
        {
            byte[] broken = [.. bytes];
            broken[random.Next(broken.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                foreach (RawRecord record in RawRecord.Split(broken.AsMemory(0, random.Next(broken.Length + 1))))
                    Assert.Equal(30, record.Payload.Length);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public void A_cut_suffix_is_gone_for_good_wherever_it_is_cut()
    {
        for (int last = 0; last <= 40; last++)
        {
            FaultyFileSystem files = new();
            using (ShardLog log = Open(files))
            {
                for (int i = 1; i <= 40; i++)
                    Append(log, term: (uint)(i / 10) + 1, payload: 20);
                log.Flush();
                log.CutAfter(new LogSequence(last));
                Assert.Equal(last, log.Last.Sequence.Value);
                Assert.Equal(last, Read(log));
            }
            files.CrashAndRestart();
            using (ShardLog log = Open(files))
            {
                Assert.Equal(last, Read(log));
                Append(log, term: 9, payload: 5);
                Append(log, term: 9, payload: 2000);
                Assert.Equal(last + 2, Read(log));
                log.Flush();
            }
            files.CrashAndRestart();
            using ShardLog again = Open(files);
            Assert.Equal(last + 2, Read(again));
            Assert.Equal(new Term(9), again.TermAt(new LogSequence(last + 1)));
        }
    }

    [Fact]
    public void A_dropped_prefix_leaves_the_term_of_its_last_entry()
    {
        FaultyFileSystem files = new();
        using (ShardLog log = Open(files))
        {
            for (int i = 1; i <= 40; i++)
                Append(log, term: (uint)(i / 10) + 1, payload: 20);
            log.DropThrough(new LogSequence(25));
            Assert.InRange(log.Base.Sequence.Value, 10, 25);
            Assert.Equal(log.Base.Term, log.TermAt(log.Base.Sequence));
            Assert.Null(log.TermAt(log.Base.Sequence.Previous));
            log.Rotate();
            log.DropThrough(new LogSequence(40));
            Assert.Equal(new LogPosition(new Term(5), new LogSequence(40)), log.Base);
            Assert.Equal(log.Base, log.Last);
        }
        using ShardLog back = Open(files);
        Assert.Equal(new LogPosition(new Term(5), new LogSequence(40)), back.Base);
        Assert.Equal(41, Append(back, 6, 1).Value);
        Assert.Equal(41, Read(back));
    }

    [Fact]
    public void Another_shards_directory_is_refused()
    {
        FaultyFileSystem files = new();
        Open(files).Dispose();
        Assert.Throws<StorageException>(() => ShardLog.Open(files, "/shard", new ShardId(8)));
    }

    /// <summary>A stop at every disk call: what was durable is there, what was cut for good is not, the fence never goes back.</summary>
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void A_stop_at_any_call_leaves_a_log_that_it_may_leave(double keepUnflushed)
    {
        FaultyFileSystem counting = new();
        new Story(counting).Run();
        Assert.True(counting.CallCount > 60);
        for (long call = 0; call < counting.CallCount; call++)
        {
            FaultyFileSystem files = new(new FaultPlan { Seed = (int)call + 1, CrashAtCall = call });
            Story story = new(files);
            Assert.Throws<SimulatedCrashException>(story.Run);
            files.CrashAndRestart(keepUnflushed);
            story.Check();
        }
    }

    [Fact]
    public void A_failed_write_leaves_the_log_as_it_was()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            FaultyFileSystem files = new();
            using ShardLog log = Open(files);
            files.Change(new FaultPlan { Seed = seed, ShortWrites = 0.3 });
            int count = 0;
            for (int i = 0; i < 40; i++)
            {
                try
                {
                    Append(log, 1, 40);
                    count++;
                }
                catch (FileFaultException)
                {
                }
                Assert.Equal(count, log.Last.Sequence.Value);
            }
            files.Change(new FaultPlan());
            Assert.Equal(count, Read(log));
        }
    }

    private static ShardLog Open(FaultyFileSystem files) => ShardLog.Open(files, "/shard", new ShardId(7), FileBytes);

    private static LogSequence Append(ShardLog log, uint term, int payload)
    {
        byte[] bytes = new byte[payload];
        bytes.AsSpan().Fill((byte)term);
        return log.Append([new LogEntry(LogRecordKind.Transaction, 1, bytes, new Term(term))]);
    }

    /// <summary>Reads all, checks that terms never fall, and says how many entries there are in all.</summary>
    private static long Read(ShardLog log)
    {
        LogPosition at = log.Base;
        while (true)
        {
            List<RawRecord> records = log.Read(at.Sequence.Next, 100);
            if (records.Count == 0)
                return at.Sequence.Value;
            foreach (RawRecord record in records)
            {
                Assert.Equal(at.Sequence.Next, record.Position.Sequence);
                Assert.True(record.Position.Term >= at.Term);
                Assert.True(record.Payload.Span.IndexOfAnyExcept((byte)record.Position.Term.Value) < 0);
                at = record.Position;
            }
        }
    }

    /// <summary>Everything that a log does, with what must be found after a stop.</summary>
    private sealed class Story(FaultyFileSystem files)
    {
        private uint _fence;
        private long _least, _most;

        internal void Run()
        {
            using ShardLog log = Open(files);
            Fence(log, 1);
            Grow(log, 1, 12);
            Grow(log, 1, 3);
            Fence(log, 3);
            Grow(log, 3, 6);
            Cut(log, 14);
            Fence(log, 4);
            Grow(log, 4, 9);
            Cut(log, 4);
            Grow(log, 4, 10);
            log.Rotate();
            log.DropThrough(new LogSequence(13));
            Assert.True(log.Base.Sequence.Value > 4);
            Grow(log, 5, 2);
            _most = 100;
            _least = 0; // the old ones or none
            log.Reset(new LogPosition(new Term(6), new LogSequence(100)));
            _least = 100;
            Grow(log, 7, 3);
        }

        internal void Check()
        {
            using (ShardLog log = Open(files))
            {
                Assert.True(log.Fence.Value >= _fence);
                Assert.InRange(Read(log), _least, _most);
                Append(log, 8, 1);
                log.Flush();
            }
            using ShardLog again = Open(files);
            Assert.Equal(new Term(8), again.Last.Term);
            Read(again);
        }

        private void Fence(ShardLog log, uint term)
        {
            log.RaiseFence(new Term(term));
            _fence = term;
        }

        private void Grow(ShardLog log, uint term, int count)
        {
            for (int i = 0; i < count; i++)
            {
                _most = log.Last.Sequence.Value + 1;
                Append(log, term, 30);
            }
            log.Flush();
            _least = _most;
        }

        private void Cut(ShardLog log, long last)
        {
            _least = last;
            log.CutAfter(new LogSequence(last));
            _most = last;
        }
    }
}
