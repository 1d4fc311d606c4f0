namespace VecSQL.Kit;

/// <summary>Disks of their own for nodes, in files, which can be filled (mount(8), mkfs.ext4(8)).</summary>
public sealed class DiskLab : IAsyncDisposable
{
    /// <summary>What is not used of them takes no place.</summary>
    private const long DiskBytes = 2L << 30;

    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-disks-").FullName;
    private readonly List<string> _mounted = [];

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? WhyMissing { get; } =
        Environment.UserName != "root" ? "only root may mount disks"
        : !File.Exists("/usr/sbin/mkfs.ext4") && !File.Exists("/sbin/mkfs.ext4") ? "there is no mkfs.ext4(8) on this machine"
        : !File.Exists("/dev/loop-control") ? "there are no loop devices on this machine" : null;

    /// <summary>Where a node's data goes.</summary>
    public string Data(int disk) => Path.Combine(Root(disk), "data");

    public static async Task<DiskLab> MakeAsync(int count)
    {
        DiskLab lab = new();
        for (int i = 0; i < count; i++)
        {
            string image = lab.Root(i) + ".ext4";
            await using (FileStream file = new(image, FileMode.CreateNew))
                file.SetLength(DiskBytes);
            Directory.CreateDirectory(lab.Root(i));
            await Programs.DoAsync("mkfs.ext4", "-q", "-m", "0", image);
            await Programs.DoAsync("mount", "-o", "loop", image, lab.Root(i));
            lab._mounted.Add(lab.Root(i));
            Directory.CreateDirectory(lab.Data(i));
        }
        return lab;
    }

    /// <summary>Leaves no byte free.</summary>
    public async Task FillAsync(int disk)
    {
        long free = new DriveInfo(Root(disk)).AvailableFreeSpace;
        await Programs.DoAsync("fallocate", "-l", $"{free - (free / 64)}", Filling(disk)); // the file's own records take some
        await using FileStream rest = new(Filling(disk) + ".rest", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true)
                rest.Write(block);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Free(int disk)
    {
        File.Delete(Filling(disk));
        File.Delete(Filling(disk) + ".rest");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string root in _mounted)
            await Programs.DoAsync("umount", root);
        Directory.Delete(_folder, recursive: true);
    }

    private string Root(int disk) => Path.Combine(_folder, $"n{disk + 1}");

    private string Filling(int disk) => Path.Combine(Root(disk), "filling");
}
