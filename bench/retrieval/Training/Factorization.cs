using System.Numerics.Tensors;

namespace VecSQL.Bench.Retrieval.Training;

/// <summary>The singular vectors of a sparse matrix that matter most: of each row, a vector whose nearness is that of the rows.</summary>
/// <remarks>
/// Paper: Halko, Martinsson and Tropp, "Finding Structure with Randomness", 2011: subspace iteration from random vectors.
/// Each row's vector is U·√Σ.
/// </remarks>
internal static class Factorization
{
    private const int Rounds = 6, Spare = 16;

    /// <returns>rows × <paramref name="dimensions"/>.</returns>
    internal static float[][] Factorize(Cooccurrence matrix, int dimensions, int seed)
    {
        int count = matrix.Columns.Length, width = dimensions + Spare;
        Random random = new(seed);
        float[][] basis = new float[count][];
        for (int row = 0; row < count; row++)
        {
            basis[row] = new float[width];
            for (int j = 0; j < width; j++)
                basis[row][j] = random.NextSingle() - 0.5f;
        }
        double[] lengths = [];
        for (int round = 0; round < Rounds; round++)
        {
            basis = Multiply(matrix, basis);
            lengths = Orthogonalize(basis, width);
        }
        // The matrix is not quite symmetrical, so that lengths are the singular values only about; that is all that is wanted of them.
        int[] order = [.. Enumerable.Range(0, width).OrderByDescending(j => lengths[j]).Take(dimensions)];
        float[][] vectors = new float[count][];
        for (int row = 0; row < count; row++)
            vectors[row] = [.. order.Select(j => basis[row][j] * (float)Math.Sqrt(lengths[j]))];
        return vectors;
    }

    private static float[][] Multiply(Cooccurrence matrix, float[][] basis)
    {
        float[][] product = new float[basis.Length][];
        Parallel.For(0, basis.Length, row =>
        {
            float[] sum = new float[basis[row].Length];
            int[] columns = matrix.Columns[row];
            float[] values = matrix.Values[row];
            for (int i = 0; i < columns.Length; i++)
                TensorPrimitives.MultiplyAdd(basis[columns[i]], values[i], sum, sum);
            product[row] = sum;
        });
        return product;
    }

    /// <summary>Gram and Schmidt, column by column; gives the columns' lengths before.</summary>
    private static double[] Orthogonalize(float[][] basis, int width)
    {
        float[][] columns = new float[width][];
        for (int j = 0; j < width; j++)
            columns[j] = [.. basis.Select(row => row[j])];
        double[] lengths = new double[width];
        for (int j = 0; j < width; j++)
        {
            double before = TensorPrimitives.Norm<float>(columns[j]);
            for (int twice = 0; twice < 2; twice++)
            {
                for (int k = 0; k < j; k++)
                    TensorPrimitives.MultiplyAdd(columns[k], -TensorPrimitives.Dot<float>(columns[j], columns[k]), columns[j], columns[j]);
            }
            float length = TensorPrimitives.Norm<float>(columns[j]);
            lengths[j] = length > 1e-6 * before ? length : 0;
            TensorPrimitives.Multiply(columns[j], length > 0 ? 1 / length : 0, columns[j]);
        }
        for (int row = 0; row < basis.Length; row++)
        {
            for (int j = 0; j < width; j++)
                basis[row][j] = columns[j][row];
        }
        return lengths;
    }
}
