using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace VecSQL.Bench.EndToEnd;

/// <summary>The machine's own limits, measured in the same run, to compare figures with.</summary>
internal static class Machine
{
    public static void Print(TextWriter output)
    {
        output.WriteLine($"machine        read bandwidth {ReadBandwidth(1),6:F1} GB/s with one thread, " +
            $"{ReadBandwidth(Environment.ProcessorCount),6:F1} GB/s with {Environment.ProcessorCount}");
        output.WriteLine($"machine        8 KiB append and fsync {SyncMilliseconds() * 1000,6:F0} us");
    }

    private static double ReadBandwidth(int threads)
    {
        const int Bytes = 512 << 20;
        float[][] blocks = Enumerable.Range(0, threads).Select(_ => Filled(Bytes / sizeof(float) / threads)).ToArray();
        double best = 0;
        for (int round = 0; round < 5; round++)
        {
            Stopwatch clock = Stopwatch.StartNew();
            float[] sums = new float[threads];
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => sums[i] = Sum(blocks[i]));
            double rate = Bytes / clock.Elapsed.TotalSeconds / 1e9;
            best = Math.Max(best, sums.Sum() > float.MinValue ? rate : 0);
        }
        return best;
    }

    private static float[] Filled(int count)
    {
        float[] values = new float[count];
        Array.Fill(values, 1f);
        return values;
    }

    private static float Sum(float[] values)
    {
        ReadOnlySpan<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<float> a = default, b = default, c = default, d = default;
        for (int i = 0; i + 4 <= wide.Length; i += 4)
        {
            a += wide[i];
            b += wide[i + 1];
            c += wide[i + 2];
            d += wide[i + 3];
        }
        return Vector.Sum(a + b + c + d);
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
