using VecSQL.Storage.Files;

namespace VecSQL.Storage.Tests.Files;

public sealed class FaultyFileSystemTests
{
    private const string FilePath = "/data/a";

    [Fact]
    public void A_crash_keeps_what_was_flushed_and_loses_the_rest()
    {
        FaultyFileSystem files = Fresh();
        IFile file = files.Open(FilePath, FileOpening.Create);
        file.Write(0, "kept"u8);
        file.Flush();
        files.FlushDirectory("/data");
        file.Write(4, "lost"u8);
        file.Write(0, "K"u8);
        files.CrashAndRestart();
        Assert.Equal("kept"u8, files.ReadAll(FilePath));
        Assert.Throws<SimulatedCrashException>(() => file.Write(0, "x"u8));
    }

    [Fact]
    public void A_file_whose_name_was_not_flushed_is_gone_after_a_crash()
    {
        FaultyFileSystem files = Fresh();
        IFile file = files.Open(FilePath, FileOpening.Create);
        file.Write(0, "bytes"u8);
        file.Flush();
        files.CrashAndRestart();
        Assert.False(files.FileExists(FilePath));
    }

    [Fact]
    public void A_rename_or_deletion_that_was_not_flushed_is_undone_by_a_crash()
    {
        FaultyFileSystem files = Fresh();
        files.ReplaceDurably(FilePath, "old"u8);
        files.ReplaceDurably("/data/b", "other"u8);
        files.Rename("/data/b", FilePath);
        files.Delete(FilePath);
        files.CrashAndRestart();
        Assert.Equal("old"u8, files.ReadAll(FilePath));
        Assert.Equal("other"u8, files.ReadAll("/data/b"));
    }

    [Fact]
    public void After_a_failed_flush_a_later_success_does_not_bring_the_bytes_back()
    {
        int lost = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            FaultyFileSystem files = Fresh();
            IFile file = files.Open(FilePath, FileOpening.Create);
            files.FlushDirectory("/data");
            file.Write(0, new byte[2000]);
            files.Change(new FaultPlan { Seed = seed, FlushErrors = 1 });
            FileFaultException fault = Assert.Throws<FileFaultException>(file.Flush);
            Assert.Equal(FileFault.Io, fault.Fault);
            files.Change(new FaultPlan());
            file.Flush();
            files.CrashAndRestart();
            lost += files.FileLength(FilePath) < 2000 ? 1 : 0;
        }
        Assert.InRange(lost, 10, 35);
    }

    [Fact]
    public void A_full_disk_takes_what_fits_and_recovers_when_space_is_made()
    {
        FaultyFileSystem files = Fresh(new FaultPlan { CapacityBytes = 10 });
        IFile file = files.Open(FilePath, FileOpening.Create);
        file.Write(0, "12345678"u8);
        FileFaultException fault = Assert.Throws<FileFaultException>(() => file.Write(8, "9abc"u8));
        Assert.True(fault.IsDiskFull);
        Assert.Equal(10, file.Length);
        file.Write(0, "overwriting needs no space"u8[..10]);
        file.Truncate(0);
        file.Write(0, "abc"u8);
        Assert.Equal(3, file.Length);
    }

    [Fact]
    public void A_short_write_leaves_a_prefix_and_fails()
    {
        HashSet<long> lengths = [];
        for (int seed = 0; seed < 20; seed++)
        {
            FaultyFileSystem files = Fresh(new FaultPlan { Seed = seed, ShortWrites = 1 });
            IFile file = files.Open(FilePath, FileOpening.Create);
            Assert.Throws<FileFaultException>(() => file.Write(0, "0123456789"u8));
            Assert.True(files.ReadAll(FilePath).AsSpan().SequenceEqual("0123456789"u8[..(int)file.Length]));
            lengths.Add(file.Length);
        }
        Assert.True(lengths.Count > 4, "the length of a short write is up to chance");
    }

    [Fact]
    public void The_machine_stops_at_the_call_it_is_told_and_the_same_seed_gives_the_same_disk()
    {
        for (int call = 0; call < 10; call++)
        {
            byte[]? first = RunUntil(call), second = RunUntil(call);
            Assert.Equal(first, second);
        }

        static byte[]? RunUntil(int call)
        {
            FaultyFileSystem files = Fresh();
            files.Change(new FaultPlan { Seed = 7, CrashAtCall = call });
            try
            {
                using IFile file = files.Open(FilePath, FileOpening.Create);
                files.FlushDirectory("/data");
                for (int i = 0; i < 4; i++)
                {
                    file.Write(i * 1500, Enumerable.Repeat((byte)('a' + i), 1500).ToArray());
                    file.Flush();
                }
                Assert.Fail("the machine should have stopped");
            }
            catch (SimulatedCrashException)
            {
                Assert.True(files.HasCrashed);
                Assert.Throws<SimulatedCrashException>(() => files.FileExists(FilePath));
            }
            files.CrashAndRestart(keepUnflushed: 0.5);
            if (!files.FileExists(FilePath))
                return null;
            byte[] bytes = files.ReadAll(FilePath);
            // The calls are: create, flush names, then write and flush in turn.
            int flushed = Math.Max(0, (call - 2) / 2) * 1500;
            Assert.True(bytes.Length >= flushed);
            return bytes;
        }
    }

    [Fact]
    public void A_lock_does_not_survive_a_crash()
    {
        FaultyFileSystem files = Fresh();
        IDisposable? before = files.TryLock("/data/lock");
        Assert.NotNull(before);
        files.CrashAndRestart();
        Assert.NotNull(files.TryLock("/data/lock"));
        before.Dispose();
        Assert.Null(files.TryLock("/data/lock"));
    }

    private static FaultyFileSystem Fresh(FaultPlan? plan = null)
    {
        FaultyFileSystem files = new(plan);
        files.CreateDirectory("/data");
        return files;
    }
}
