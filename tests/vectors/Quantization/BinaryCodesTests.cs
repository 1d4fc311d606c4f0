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
        byte[] block = new byte[BinaryCodes.BlockBytes(padded)];
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
        FastScan.Sum(coded.Table, block, sums);

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
            double error = (estimate - Of(rows.AsSpan(row * dimensions, dimensions))) / (factors[row].Error * distance);
            Assert.InRange(error, -4.5, 4.5); // in standard errors
            errors += error;
        }
        Assert.InRange(errors / count, -0.5, 0.5);
    }

    [Fact]
    public void A_row_that_is_the_centroid_has_no_error()
    {
        float[] zeros = new float[128];
        CodeFactors factors = BinaryCodes.Encode(zeros, Samples.Gaussian(128, 1), false, new byte[BinaryCodes.BlockBytes(128)], 7);
        Assert.Equal(new CodeFactors(0, 0, 0), factors);
    }

    [Fact]
    public void Rows_below_the_limit_are_found_whatever_their_place()
    {
        int[] sums = new int[64];
        float[] factors = new float[192];
        for (int i = 0; i < 64; i++)
            (sums[i], factors[64 + i], factors[128 + i]) = (i, 1, 0);
        // 10 + 2·i − 4 < 46 for i < 20
        Assert.Equal((1UL << 20) - 1, CodeEstimate.Below(sums, factors, step: 2, bias: -4, cellPart: 10, reach: 1, limit: 46));
        factors[128 + 63] = 100;
        Assert.Equal(((1UL << 20) - 1) | (1UL << 63),
            CodeEstimate.Below(sums, factors, step: 2, bias: -4, cellPart: 10, reach: 1, limit: 46));
    }
}
