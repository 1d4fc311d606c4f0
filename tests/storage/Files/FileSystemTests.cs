using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Tests.Files;

/// <summary>What both file systems promise.</summary>
public abstract class FileSystemContract
{
    protected abstract IFileSystem Files { get; }

    protected abstract string Root { get; }

    [Fact]
    public void Bytes_written_by_position_are_read_back()
    {
        string path = Path.Combine(Root, "a");
        using (IFile file = Files.Open(path, FileOpening.Create))
        {
            file.Write(3, "defg"u8);
            file.Write(0, "abc"u8);
            file.Write(7, new ReadOnlyMemory<byte>[] { "hi"u8.ToArray(), Array.Empty<byte>(), "jk"u8.ToArray() });
            file.Flush();
            Assert.Equal(11, file.Length);
        }
        Assert.Equal("abcdefghijk", Encoding.ASCII.GetString(Files.ReadAll(path)));
        Assert.Equal(11, Files.FileLength(path));
    }

    [Fact]
    public void A_read_stops_at_the_end_and_an_exact_read_fails_there()
    {
        string path = Path.Combine(Root, "a");
        using IFile file = Files.Open(path, FileOpening.OpenOrCreate);
        file.Write(0, "abc"u8);
        byte[] target = new byte[8];
        Assert.Equal(2, file.Read(1, target));
        Assert.Equal(0, file.Read(90, target));
        FileFaultException fault = Assert.Throws<FileFaultException>(() => file.ReadExactly(1, target));
        Assert.Equal(FileFault.EndOfFile, fault.Fault);
        Assert.Equal(1, fault.Offset);
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncating_cuts_and_extends_with_zeros()
    {
        using IFile file = Files.Open(Path.Combine(Root, "a"), FileOpening.Create);
        file.Write(0, "abcdef"u8);
        file.Truncate(2);
        file.Truncate(4);
        byte[] target = new byte[8];
        Assert.Equal(4, file.Read(0, target));
        Assert.Equal("ab\0\0"u8, target.AsSpan(0, 4));
    }

    [Fact]
    public void Each_way_of_opening_treats_present_and_absent_files_as_it_says()
    {
        string path = Path.Combine(Root, "a");
        Assert.Equal(FileFault.NotFound, FaultOf(() => Files.Open(path, FileOpening.Read)));
        Assert.Equal(FileFault.NotFound, FaultOf(() => Files.Open(path, FileOpening.Write)));
        Assert.False(Files.FileExists(path));
        using (IFile file = Files.Open(path, FileOpening.Create))
            file.Write(0, "abc"u8);
        Assert.Equal(FileFault.AlreadyExists, FaultOf(() => Files.Open(path, FileOpening.Create)));
        using (IFile file = Files.Open(path, FileOpening.OpenOrCreate))
            Assert.Equal(3, file.Length);
        using (IFile file = Files.Open(path, FileOpening.Replace))
            Assert.Equal(0, file.Length);
        Assert.Equal(FileFault.NotFound, FaultOf(() => Files.Open(Path.Combine(Root, "no", "a"), FileOpening.Create)));
    }

    [Fact]
    public void Names_are_listed_renamed_and_deleted()
    {
        Files.CreateDirectory(Path.Combine(Root, "d", "e"));
        foreach (string name in new[] { "b", "a", "c" })
            Files.Open(Path.Combine(Root, "d", name), FileOpening.Create).Dispose();
        Files.Rename(Path.Combine(Root, "d", "a"), Path.Combine(Root, "d", "c"));
        Assert.Equal(["b", "c"], Files.ListFiles(Path.Combine(Root, "d")));
        Assert.Equal(["e"], Files.ListDirectories(Path.Combine(Root, "d")));
        Files.Delete(Path.Combine(Root, "d", "b"));
        Files.Delete(Path.Combine(Root, "d", "b"));
        Files.FlushDirectory(Path.Combine(Root, "d"));
        Assert.Equal(["c"], Files.ListFiles(Path.Combine(Root, "d")));
        Files.DeleteDirectory(Path.Combine(Root, "d"));
        Assert.False(Files.DirectoryExists(Path.Combine(Root, "d")));
        Assert.Equal(FileFault.NotFound, FaultOf(() => Files.FlushDirectory(Path.Combine(Root, "d"))));
        Assert.Equal(FileFault.NotFound, FaultOf(() => Files.ListFiles(Path.Combine(Root, "d"))));
    }

    [Fact]
    public void A_map_shows_the_file_and_outlives_its_name()
    {
        string path = Path.Combine(Root, "a");
        using (IFile file = Files.Open(path, FileOpening.Create))
            file.Write(0, "some bytes"u8);
        MappedFile map = Files.Map(path);
        Files.Delete(path);
        Assert.Equal(10, map.Length);
        Assert.Equal("bytes"u8, map.Buffer(5, 5).Bytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Buffer(5, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Buffer(long.MaxValue, 1));
    }

    [Fact]
    public void An_empty_file_can_be_mapped()
    {
        string path = Path.Combine(Root, "a");
        Files.Open(path, FileOpening.Create).Dispose();
        Assert.Equal(0, Files.Map(path).Length);
        Assert.True(Files.Map(path).Buffer(0, 0).Bytes.IsEmpty);
    }

    [Fact]
    public void A_lock_is_held_by_one_until_it_is_given_back()
    {
        string path = Path.Combine(Root, "lock");
        using (IDisposable? first = Files.TryLock(path))
        {
            Assert.NotNull(first);
            Assert.Null(Files.TryLock(path));
        }
        using IDisposable? second = Files.TryLock(path);
        Assert.NotNull(second);
    }

    [Fact]
    public void A_small_file_is_replaced_whole()
    {
        string path = Path.Combine(Root, "a");
        Files.ReplaceDurably(path, "old, and longer"u8);
        Files.ReplaceDurably(path, "new"u8);
        Assert.Equal("new"u8, Files.ReadAll(path));
        Assert.Equal(["a"], Files.ListFiles(Root));
    }

    private static FileFault FaultOf(Func<object?> action) => Assert.Throws<FileFaultException>(action).Fault;

    private static FileFault FaultOf(Action action) => Assert.Throws<FileFaultException>(action).Fault;
}

public sealed class RealFileSystemTests : FileSystemContract, IDisposable
{
    protected override IFileSystem Files => RealFileSystem.Instance;

    protected override string Root { get; } = Directory.CreateTempSubdirectory("vecsql-files-").FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);

    [Fact]
    public void A_full_disk_is_told_as_such()
    {
        if (!OperatingSystem.IsLinux())
            return; // only Linux has a device that is always full
        using IFile full = Files.Open("/dev/full", FileOpening.Write);
        FileFaultException fault = Assert.Throws<FileFaultException>(() => full.Write(0, "x"u8));
        Assert.True(fault.IsDiskFull);
        Assert.Equal(SqlState.DiskFull, fault.State);
        Assert.Equal("could not write file \"/dev/full\" at offset 0: No space left on device", fault.Message);
    }

    [Fact]
    public void Columns_keep_the_map_they_point_into()
    {
        string path = Path.Combine(Root, "a");
        using (IFile file = Files.Open(path, FileOpening.Create))
            file.Write(0, new byte[8192]);
        Columnar.Columns.ColumnBuffer buffer = Files.Map(path).Buffer(4096, 4096);
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(0, buffer.Bytes[4095]); // an unmapped page would end the process here
    }
}

public sealed class FaultyFileSystemContractTests : FileSystemContract
{
    private readonly FaultyFileSystem _files = new();

    public FaultyFileSystemContractTests() => _files.CreateDirectory(Root);

    protected override IFileSystem Files => _files;

    protected override string Root => "/data";
}
