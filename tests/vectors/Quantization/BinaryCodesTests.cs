using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Tests.Quantization;

public sealed class BinaryCodesTests
{
    [Fact]
    public void Looked_up_sums_are_the_same_in_every_width()
    {
        foreach (int groups in new[] { 2, 4, 22, 514, 2668 })
        {
            Random random = new(groups);
            byte[] table = new byte[groups * FastScan.TableBytes], block = new byte[groups * FastScan.BlockRows];
            for (int i = 0; i < table.Length; i++)
                table[i] = (byte)random.Next(FastScan.EntryMax + 1);
            for (int i = 0; i < block.Length; i++)
                block[i] = (byte)random.Next(64);
            int[] sums = new int[FastScan.BlockRows], plain = new int[FastScan.BlockRows];
            FastScan.Sum(table, block, sums);
            FastScan.AddPlain(table, block, plain);
            Assert.Equal(plain, sums);
        }
    }

    [Theory]
    [InlineData(128, false)]
    [InlineData(128, true)]
    [InlineData(100, false)]
    [InlineData(768, false)]
    public void Estimates_are_unbiased_and_as_near_as_their_error_says(int dimensions, bool isInnerProduct)
    {
        const int count = 64;
        Rotation rotation = new(dimensions, 3);
        int padded = rotation.PaddedDimensions;
        float[] centroid = Samples.Gaussian(dimensions, 1), query = Samples.Gaussian(dimensions, 2);
        float[] rows = Samples.Gaussian(count * dimensions, 3);
        float[] rotatedCentroid = new float[padded], rotatedQuery = new float[padded], rotated = new float[padded];
        rotation.Apply(centroid, rotatedCentroid);
        rotation.Apply(query, rotatedQuery);
        byte[] block = new byte[BinaryCodes.BitBytes(padded)];
        CodeFactors[] factors = new CodeFactors[count];
        for (int row = 0; row < count; row++)
        {
            rotation.Apply(rows.AsSpan(row * dimensions, dimensions), rotated);
            for (int i = 0; i < padded; i++)
                rotated[i] -= rotatedCentroid[i];
            factors[row] = BinaryCodes.Encode(rotated, rotatedCentroid, isInnerProduct, block, row);
        }
        BinaryQuery coded = new(rotatedQuery);
        int[] sums = new int[count];
        FastScan.Sum(coded.NarrowTable, block, sums);

        double distance = Distances.Between(DistanceMetric.L2, query, centroid), errors = 0;
        DistanceMetric metric = isInnerProduct ? DistanceMetric.NegativeInnerProduct : DistanceMetric.L2;
        double Of(ReadOnlySpan<float> x)
        {
            double value = Distances.Between(metric, query, x);
            return isInnerProduct ? value : value * value;
        }
        for (int row = 0; row < count; row++)
        {
            double estimate = Of(centroid) + factors[row].Add + (factors[row].Rescale * ((coded.Step * sums[row]) + coded.Bias));
            double error = (estimate - Of(rows.AsSpan(row * dimensions, dimensions))) / (Math.Abs(factors[row].Rescale) * BinaryCodes.ErrorShare * distance);
            Assert.InRange(error, -4.5, 4.5); // in standard errors
            errors += error;
        }
        Assert.InRange(errors / count, -0.5, 0.5);
    }

    [Fact]
    public void A_row_that_is_the_centroid_has_no_error()
    {
        float[] zeros = new float[128];
        CodeFactors factors = BinaryCodes.Encode(zeros, Samples.Gaussian(128, 1), false, new byte[BinaryCodes.BitBytes(128)], 7);
        Assert.Equal(new CodeFactors(0, 0), factors);
    }

    [Fact]
    public void Rows_below_the_limit_are_found_whatever_their_place()
    {
        int[] sums = new int[64];
        float[] factors = new float[128];
        for (int i = 0; i < 64; i++)
            (sums[i], factors[i], factors[64 + i]) = (i, 1, 3);
        // 1 + 3·(2·i − 4) < 109 for i < 20
        Assert.Equal((1UL << 20) - 1, CodeEstimate.Below(sums, factors, step: 2, bias: -4, limit: 109));
        factors[127] = -3;
        Assert.Equal(((1UL << 20) - 1) | (1UL << 63), CodeEstimate.Below(sums, factors, step: 2, bias: -4, limit: 109));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(4000)]
    public unsafe void Blocks_are_filtered_as_their_sums_and_factors_say(int dimensions)
    {
        const int blocks = 3;
        Random random = new(dimensions);
        int padded = new Rotation(dimensions, 1).PaddedDimensions, blockBytes = BinaryCodes.BlockBytes(padded);
        int bitBytes = BinaryCodes.BitBytes(padded);
        BinaryQuery query = new(Samples.Gaussian(padded, 4));
        byte[] bytes = new byte[blocks * blockBytes];
        ulong[] expected = new ulong[blocks], masks = new ulong[blocks];
        for (int block = 0; block < blocks; block++)
        {
            Span<byte> own = bytes.AsSpan(block * blockBytes, blockBytes);
            for (int i = 0; i < bitBytes; i++)
                own[i] = (byte)random.Next(64);
            Span<float> factors = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(own[bitBytes..]);
            for (int row = 0; row < 64; row++)
                (factors[row], factors[64 + row]) = (random.Next(100), -1 - random.NextSingle());
            int[] sums = new int[64];
            FastScan.Sum(query.NarrowTable, own[..bitBytes], sums);
            expected[block] = CodeEstimate.Below(sums, factors, query.Step, query.Bias + 3, limit: 50);
        }
        fixed (byte* at = bytes)
            BlockFilter.Below(query.Table, query.Groups, at, query.Step, query.Bias + 3, limit: 50, masks);
        Assert.Equal(expected, masks);
        Assert.Contains(masks, mask => mask != 0 && mask != ulong.MaxValue);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(4000)]
    public unsafe void Estimates_of_blocks_are_what_their_sums_and_factors_say(int dimensions)
    {
        Random random = new(dimensions);
        int padded = new Rotation(dimensions, 1).PaddedDimensions, bitBytes = BinaryCodes.BitBytes(padded);
        BinaryQuery query = new(Samples.Gaussian(padded, 4));
        byte[] block = new byte[BinaryCodes.BlockBytes(padded)];
        for (int i = 0; i < bitBytes; i++)
            block[i] = (byte)random.Next(64);
        Span<float> factors = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(block.AsSpan(bitBytes));
        int[] sums = new int[64];
        FastScan.Sum(query.NarrowTable, block.AsSpan(0, bitBytes), sums);
        for (int row = 0; row < 64; row++)
            (factors[row], factors[64 + row]) = (random.Next(100), -1 - random.NextSingle());
        float[] estimates = new float[64];
        fixed (byte* at = block)
            BlockFilter.Estimate(query.Table, query.Groups, at, query.Step, query.Bias, estimates);
        for (int row = 0; row < 64; row++)
        {
            double expected = factors[row] + ((((double)sums[row] * query.Step) + query.Bias) * factors[64 + row]);
            Assert.Equal(expected, estimates[row], 1e-3 * (1 + Math.Abs(expected)));
        }
    }
}
