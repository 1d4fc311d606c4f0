using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Kit;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Metadata;

namespace VecSQL.Storage.Tests.Metadata;

public sealed class FileMetadataStoreTests
{
    private const string Folder = "/data", Journal = "/data/METADATA";

    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public async Task Acknowledged_changes_are_whole_and_others_absent_wherever_the_machine_stops(double keepUnflushed)
    {
        FaultyFileSystem counting = new();
        await new Workload(counting, _time).RunAsync();
        Assert.InRange(counting.CallCount, 25, 500);
        for (long call = 0; call < counting.CallCount; call++)
        {
            FaultyFileSystem files = new(new FaultPlan { Seed = (int)call + 1, CrashAtCall = call });
            Workload workload = new(files, _time);
            await Assert.ThrowsAsync<SimulatedCrashException>(workload.RunAsync);
            files.CrashAndRestart(keepUnflushed);
            await workload.CheckAsync(call);
        }
    }

    [Fact]
    public async Task A_disk_that_fails_now_and_then_loses_nothing_that_was_acknowledged()
    {
        for (int seed = 1; seed <= 60; seed++)
        {
            FaultyFileSystem files = new(new FaultPlan { Seed = seed, ShortWrites = 0.05, FlushErrors = seed % 2 == 0 ? 0.02 : 0 });
            Workload workload = new(files, _time);
            try
            {
                await workload.RunAsync();
            }
            catch (Exception failure) when (failure is MetadataUnavailableException or FileFaultException)
            {
                // Checked below: what was acknowledged before is there.
            }
            files.Change(new FaultPlan { Seed = seed });
            files.CrashAndRestart(keepUnflushed: 0.5);
            await workload.CheckAsync(seed);
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_a_change_and_takes_the_next_when_there_is_room()
    {
        FaultyFileSystem files = new();
        using FileMetadataStore store = FileMetadataStore.Open(files, Folder, _time);
        await store.CommitAsync(Put("a", "1"), default);
        files.Change(new FaultPlan { CapacityBytes = files.UsedBytes + 40 });
        MetadataUnavailableException refused = await Assert.ThrowsAsync<MetadataUnavailableException>(
            async () => await store.CommitAsync(Put("b", new string('x', 1000)), default));
        Assert.False(refused.IsOutcomeUnknown);
        Assert.Contains("No space left", refused.Message, StringComparison.Ordinal);
        files.Change(new FaultPlan());
        Assert.Equal(3, (await store.CommitAsync(Put("c", "1"), default)).Revision);
        store.Dispose();
        using FileMetadataStore again = FileMetadataStore.Open(files, Folder, _time);
        Assert.Equal(["a", "c"], (await again.ReadAsync("", default)).Entries.Select(entry => entry.Key));
    }

    [Fact]
    public async Task After_a_failed_flush_the_outcome_is_unknown_and_nothing_more_is_taken_until_a_restart()
    {
        FaultyFileSystem files = new();
        using FileMetadataStore store = FileMetadataStore.Open(files, Folder, _time);
        files.Change(new FaultPlan { FlushErrors = 1 });
        Assert.True((await Assert.ThrowsAsync<MetadataUnavailableException>(async () => await store.CommitAsync(Put("a", "1"), default))).IsOutcomeUnknown);
        files.Change(new FaultPlan());
        Assert.False((await Assert.ThrowsAsync<MetadataUnavailableException>(async () => await store.CommitAsync(Put("b", "1"), default))).IsOutcomeUnknown);
        files.CrashAndRestart();
        using FileMetadataStore again = FileMetadataStore.Open(files, Folder, _time);
        Assert.True((await again.CommitAsync(Put("c", "1"), default)).IsDone);
    }

    [Fact]
    public async Task A_journal_that_has_grown_is_written_anew_and_says_the_same()
    {
        FaultyFileSystem files = new();
        MetadataRange before;
        LeaseId lease;
        using (FileMetadataStore store = FileMetadataStore.Open(files, Folder, _time))
        {
            lease = await store.GrantAsync(TimeSpan.FromSeconds(5), default);
            await store.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut("leased", new byte[3], lease)] }, default);
            for (int i = 0; i < 100; i++)
                await store.CommitAsync(Put($"k{i % 3}", new string((char)('a' + (i % 26)), 50_000)), default);
            Assert.InRange(files.UsedBytes, 100_000, 1_300_000);
            before = await store.ReadAsync("", default);
        }
        using FileMetadataStore again = FileMetadataStore.Open(files, Folder, _time);
        MetadataRange after = await again.ReadAsync("", default);
        Assert.Equal(before.Revision, after.Revision);
        Assert.Equal(before.Entries.Select(Text), after.Entries.Select(Text));
        Assert.True(await again.KeepAliveAsync(lease, default));
    }

    [Fact]
    public async Task Damage_of_what_was_durable_is_refused_with_its_place()
    {
        FaultyFileSystem files = new();
        using (FileMetadataStore store = FileMetadataStore.Open(files, Folder, _time))
        {
            for (int i = 0; i < 5; i++)
                await store.CommitAsync(Put($"key{i}", "value"), default);
        }
        byte[] good = files.ReadAll(Journal);
        int last = LastRecord(good);
        for (int at = 0; at < good.Length; at++)
        {
            files.Damage(Journal, at);
            if (at < last && !IsPadding(good, at))
            {
                Exception refused = Assert.ThrowsAny<Exception>(() => FileMetadataStore.Open(files, Folder, _time));
                Assert.True(refused is CorruptFileException or StorageException, refused.ToString());
                Assert.Contains(Journal, refused.Message, StringComparison.Ordinal);
                files.Damage(Journal, at);
                continue;
            }
            // The last record cannot be told from one that a crash has torn; padding says nothing.
            using (FileMetadataStore store = FileMetadataStore.Open(files, Folder, _time))
                Assert.InRange((await store.ReadAsync("", default)).Entries.Count, 4, 5);
            using IFile file = files.Open(Journal, FileOpening.Replace);
            file.Write(0, good);
            file.Flush();
        }
    }

    [Fact]
    public void A_journal_of_a_newer_program_is_refused()
    {
        FaultyFileSystem files = new();
        FileMetadataStore.Open(files, Folder, _time).Dispose();
        byte[] bytes = files.ReadAll(Journal);
        bytes[8] = 2;
        BitConverter.TryWriteBytes(bytes.AsSpan(28), Checksum.Crc32C(bytes.AsSpan(0, 28)));
        files.ReplaceDurably(Journal, bytes);
        Assert.Contains("format version 2", Assert.Throws<StorageException>(() => FileMetadataStore.Open(files, Folder, _time)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_are_refused_or_read_and_never_worse()
    {
        Random random = new(3);
        MetadataState state = new(5, 2, [new MetadataEntry("a", new byte[4], 2, 3, new LeaseId(1))], [new MetadataLease(new LeaseId(1), TimeSpan.FromSeconds(2))]);
        PayloadWriter writer = new();
        MetadataFormat.WriteState(writer, state);
        byte[] whole = writer.Written.ToArray();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. whole];
            for (int hits = random.Next(1, 4); hits > 0; hits--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            ReadAll(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
        }
        static void ReadAll(ReadOnlySpan<byte> bytes)
        {
            try
            {
                MetadataFormat.ReadState(bytes);
            }
            catch (InvalidDataException)
            {
                // Refused, as it should be.
            }
            try
            {
                MetadataFormat.ReadStep(bytes);
            }
            catch (InvalidDataException)
            {
                // Refused, as it should be.
            }
        }
    }

    [Fact]
    public async Task A_file_of_version_1_is_read_by_every_later_build()
    {
        string golden = Path.Combine(AppContext.BaseDirectory, "golden", "metadata-v1.bin");
        if (Environment.GetEnvironmentVariable("VECSQL_UPDATE_GOLDEN") == "1" && !File.Exists(golden))
            await WriteGoldenAsync(Path.Combine(Programs.RepositoryRoot, "tests", "storage", "golden", "metadata-v1.bin"));
        FaultyFileSystem files = new();
        files.CreateDirectory(Folder);
        files.ReplaceDurably(Journal, await File.ReadAllBytesAsync(golden));
        using FileMetadataStore store = FileMetadataStore.Open(files, Folder, _time);
        MetadataRange range = await store.ReadAsync("", default);
        Assert.Equal(5, range.Revision);
        Assert.Equal(["a=2 2 5 0000000000000000", "leased=x 3 3 0000000000000001"], range.Entries.Select(Text));
        Assert.True(await store.KeepAliveAsync(new LeaseId(1), default));
        Assert.False(await store.KeepAliveAsync(new LeaseId(2), default));
    }

    private async Task WriteGoldenAsync(string path)
    {
        FaultyFileSystem files = new();
        using FileMetadataStore store = FileMetadataStore.Open(files, Folder, _time);
        await store.CommitAsync(Put("a", "1"), default);
        LeaseId lease = await store.GrantAsync(TimeSpan.FromSeconds(2), default), other = await store.GrantAsync(TimeSpan.FromSeconds(3), default);
        await store.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut("leased", "x"u8.ToArray(), lease), new MetadataPut("b", default, other)] }, default);
        await store.RevokeAsync(other, default);
        await store.CommitAsync(Put("a", "2"), default);
        await File.WriteAllBytesAsync(path, files.ReadAll(Journal));
    }

    /// <summary>Where the last record of a journal begins.</summary>
    private static int LastRecord(byte[] bytes)
    {
        int at = MetadataFormat.FileHeaderBytes, last = at;
        while (at < bytes.Length && MetadataFormat.TryReadRecord(bytes.AsSpan(at), out _, out ReadOnlySpan<byte> payload))
        {
            last = at;
            at += MetadataFormat.PaddedLength(payload.Length);
        }
        return last;
    }

    private static bool IsPadding(byte[] bytes, int position)
    {
        int at = MetadataFormat.FileHeaderBytes;
        while (MetadataFormat.TryReadRecord(bytes.AsSpan(at), out _, out ReadOnlySpan<byte> payload))
        {
            int end = at + MetadataFormat.RecordHeaderBytes + payload.Length;
            at += MetadataFormat.PaddedLength(payload.Length);
            if (position < at)
                return position >= end;
        }
        return false;
    }

    private static string Text(MetadataEntry entry) =>
        $"{entry.Key}={Encoding.UTF8.GetString(entry.Value.Span)} {entry.Created} {entry.Modified} {entry.Lease}";

    private static MetadataTransaction Put(string key, string value) => new() { Puts = [new MetadataPut(key, Encoding.UTF8.GetBytes(value))] };

    /// <summary>Does everything once, and knows what may be found after each step.</summary>
    private sealed class Workload(FaultyFileSystem files, ManualTime time)
    {
        /// <summary>The state after the last acknowledged step, and that of the one under way.</summary>
        private List<string> _allowed = ["1:"];

        public async Task RunAsync()
        {
            using FileMetadataStore store = FileMetadataStore.Open(files, Folder, time);
            await StepAsync(store, Put("a", "1"), "2:a");
            LeaseId lease = await store.GrantAsync(TimeSpan.FromSeconds(5), default);
            await StepAsync(store, new MetadataTransaction { Puts = [new("b", new byte[700], lease), new("c", new byte[5000], lease)] }, "3:a,b,c");
            await StepAsync(store, new MetadataTransaction { Puts = [new("d", new byte[2000])], Deletes = ["a"] }, "4:b,c,d");
            await AllowAsync(async () => await store.RevokeAsync(lease, default), "5:d");
            for (int i = 6; i < 11; i++) // past the size at which the file is written anew
                await StepAsync(store, Put("big", new string('x', 300_000)), $"{i}:big,d");
            await StepAsync(store, new MetadataTransaction { Deletes = ["big"] }, "11:d");
        }

        public async Task CheckAsync(long place)
        {
            using (FileMetadataStore store = FileMetadataStore.Open(files, Folder, time))
            {
                MetadataRange found = await store.ReadAsync("", default);
                string state = $"{found.Revision}:{string.Join(',', found.Entries.Select(entry => entry.Key))}";
                Assert.True(_allowed.Contains(state), $"after a stop at {place} there is {state}, and {string.Join(" or ", _allowed)} was agreed");
                await store.CommitAsync(Put("after", "1"), default);
            }
            using FileMetadataStore again = FileMetadataStore.Open(files, Folder, time);
            Assert.Single((await again.ReadAsync("after", default)).Entries);
        }

        private Task StepAsync(FileMetadataStore store, MetadataTransaction transaction, string after) =>
            AllowAsync(async () => Assert.True((await store.CommitAsync(transaction, default)).IsDone), after);

        private async Task AllowAsync(Func<Task> act, string after)
        {
            _allowed.Add(after);
            await act();
            _allowed = [after];
        }
    }
}
