using System.Numerics;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Kernels;

public sealed class BitDistancesTests
{
    [Fact]
    public void Counts_agree_with_a_plain_loop_at_every_length_and_alignment()
    {
        byte[] memory = new byte[600];
        new Random(1).NextBytes(memory);
        for (int length = 0; length < 270; length++)
        {
            ReadOnlySpan<byte> x = memory.AsSpan(length % 9, length), y = memory.AsSpan(300 + (length % 7), length);
            int different = 0, common = 0;
            for (int i = 0; i < length; i++)
            {
                different += BitOperations.PopCount((uint)(x[i] ^ y[i]));
                common += BitOperations.PopCount((uint)(x[i] & y[i]));
            }
            Assert.Equal(different, BitDistances.Between(BitMetric.Hamming, x, y));
            double jaccard = common == 0 ? 1 : 1 - ((double)common / (common + different));
            Assert.Equal(jaccard, BitDistances.Between(BitMetric.Jaccard, x, y));
        }
    }

    [Fact]
    public void A_scan_gives_what_single_distances_give()
    {
        byte[] rows = new byte[100 * 18], query = new byte[17];
        new Random(1).NextBytes(rows);
        new Random(2).NextBytes(query);
        foreach (BitMetric metric in Enum.GetValues<BitMetric>())
        {
            double[] distances = new double[100];
            Distances(metric, distances, [0xAAAA_AAAA_AAAA_AAAA, 0xAAAA_AAAA_AAAA_AAAA]);
            for (int i = 0; i < 100; i++)
                Assert.Equal(
                    i % 2 == 0 ? 0 : BitDistances.Between(metric, query, rows.AsSpan(i * 18, 17)), distances[i]);
        }

        void Distances(BitMetric metric, double[] target, ulong[] live) =>
            BitDistances.Scan(metric, query, rows, 18, 100, target, live);
    }

    [Fact]
    public void Rows_one_after_the_other_are_scanned_as_single_ones_at_every_length()
    {
        const int Rows = 203;
        byte[] rows = new byte[Rows * 300], query = new byte[300];
        var random = new Random(3);
        random.NextBytes(rows);
        random.NextBytes(query);
        rows.AsSpan(0, 400).Clear(); // nothing in common
        ulong[] live = new ulong[4];
        for (int i = 0; i < Rows; i++) // whole eights, none, and some of eight
            live[i >> 6] |= (i >> 3) % 3 == 0 || ((i >> 3) % 3 == 1 && i % 2 == 0) ? 1UL << (i & 63) : 0;
        double[] distances = new double[Rows];
        for (int length = 1; length <= 300; length++)
        {
            foreach (BitMetric metric in Enum.GetValues<BitMetric>())
            {
                foreach (ulong[] wanted in (ulong[][])[[], live])
                {
                    distances.AsSpan().Fill(-1);
                    BitDistances.Scan(metric, query.AsSpan(0, length), rows, length, Rows, distances, wanted);
                    for (int i = 0; i < Rows; i++)
                    {
                        bool isWanted = wanted.Length == 0 || (wanted[i >> 6] >> (i & 63) & 1) != 0;
                        Assert.Equal(isWanted
                            ? BitDistances.Between(metric, query.AsSpan(0, length), rows.AsSpan(i * length, length)) : -1, distances[i]);
                    }
                }
            }
        }
    }

    [Fact]
    public void Strings_of_unequal_length_are_refused() =>
        Assert.Throws<ArgumentException>(() => BitDistances.Between(BitMetric.Hamming, new byte[1], new byte[2]));
}
