using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Bench.Kit;

/// <summary>The machine's own limits, measured in the same run, to compare figures with.</summary>
public static class Machine
{
    private const int FloatsPerBlock = 1 << 20, BlockCount = 512; // 2 GiB: no cache keeps a part of it that counts

    private static readonly Lazy<float[][]> Memory = new(() =>
    {
        var blocks = new float[BlockCount][];
        Parallel.For(0, BlockCount, i => Array.Fill(blocks[i] = new float[FloatsPerBlock], 1f));
        return blocks;
    });

    public static void Print(TextWriter output)
    {
        output.WriteLine($"machine        read bandwidth {BestReadBandwidth(1),6:F1} GB/s with one thread, " +
            $"{BestReadBandwidth(Environment.ProcessorCount),6:F1} GB/s with {Environment.ProcessorCount}");
        output.WriteLine($"machine        8 KiB append and fsync {SyncMilliseconds() * 1000,6:F0} us");
    }

    /// <summary>Gigabytes a second that threads read together which do nothing but add up.</summary>
    public static double ReadBandwidth(int threadCount)
    {
        float[][] blocks = Memory.Value;
        int next = -1;
        float[] sums = new float[threadCount];
        Thread[] threads = [.. Enumerable.Range(0, threadCount).Select(i => new Thread(() =>
        {
            // Blocks are taken as they come, so that a thread that the machine holds up does not hold up the others' figure.
            for (int block; (block = Interlocked.Increment(ref next)) < blocks.Length;)
                sums[i] += Sum(blocks[block]);
        }))];
        Stopwatch clock = Stopwatch.StartNew();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        double seconds = clock.Elapsed.TotalSeconds;
        if (sums.Sum() < FloatsPerBlock)
            throw new InvalidOperationException("the sum is wrong");
        return (double)BlockCount * FloatsPerBlock * sizeof(float) / seconds / 1e9;
    }

    private static double BestReadBandwidth(int threadCount) => Enumerable.Range(0, 5).Max(_ => ReadBandwidth(threadCount));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // its first call counts already
    private static float Sum(float[] values)
    {
        ref float first = ref values[0];
        Vector512<float> a = default, b = default, c = default, d = default;
        for (nuint i = 0; i < (nuint)values.Length; i += 64)
        {
            a += Vector512.LoadUnsafe(ref first, i);
            b += Vector512.LoadUnsafe(ref first, i + 16);
            c += Vector512.LoadUnsafe(ref first, i + 32);
            d += Vector512.LoadUnsafe(ref first, i + 48);
        }
        return Vector512.Sum((a + b) + (c + d));
    }

    private static double SyncMilliseconds()
    {
        string path = Path.Combine(Path.GetTempPath(), $"vecsql-bench-{Environment.ProcessId}");
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        byte[] block = new byte[8192];
        const int Rounds = 100;
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; i < Rounds; i++)
        {
            file.Write(block);
            file.Flush(flushToDisk: true);
        }
        return clock.Elapsed.TotalMilliseconds / Rounds;
    }
}
