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
    public void Strings_of_unequal_length_are_refused() =>
        Assert.Throws<ArgumentException>(() => BitDistances.Between(BitMetric.Hamming, new byte[1], new byte[2]));
}
