using System.Globalization;
using System.Text;

namespace VecSQL.Bench.Mining;

/// <summary>Rows in clusters, which are their labels, and a query beside each row.</summary>
/// <remarks>One row in fifty is the same as one before, so that there are ties; one in a hundred has another cluster's label.</remarks>
internal sealed record SampleRows(int Count, int Dimensions, float[] Rows, float[] Queries, int[] Labels)
{
    private const int ClusterCount = 100;
    private const double Spread = 0.35; // of a cluster, beside distances between clusters of about 1.4

    internal static SampleRows Make(int count, int dimensions, ulong seed)
    {
        Chance chance = new(seed);
        float[] centres = new float[ClusterCount * dimensions], rows = new float[count * dimensions], queries = new float[count * dimensions];
        int[] labels = new int[count];
        for (int i = 0; i < centres.Length; i++)
            centres[i] = (float)(chance.Normal() / Math.Sqrt(dimensions));
        for (int row = 0; row < count; row++)
        {
            int cluster = chance.Next(ClusterCount);
            Span<float> vector = rows.AsSpan(row * dimensions, dimensions);
            for (int i = 0; i < dimensions; i++)
                vector[i] = centres[(cluster * dimensions) + i] + (float)(Spread * chance.Normal() / Math.Sqrt(dimensions));
            if (row % 50 == 49)
            {
                int twin = chance.Next(row);
                rows.AsSpan(twin * dimensions, dimensions).CopyTo(vector);
            }
            labels[row] = row % 100 == 17 ? chance.Next(ClusterCount) : cluster;
            for (int i = 0; i < dimensions; i++)
                queries[(row * dimensions) + i] = vector[i] + (float)(0.2 * chance.Normal() / Math.Sqrt(dimensions));
        }
        return new SampleRows(count, dimensions, rows, queries, labels);
    }

    /// <summary>Rows as COPY takes them: keys count from 0.</summary>
    internal void Write(TextWriter target, bool areQueries)
    {
        StringBuilder line = new();
        for (int row = 0; row < Count; row++)
        {
            line.Clear().Append(row).Append('\t').Append(areQueries ? row : Labels[row]).Append("\t[");
            foreach (float value in (areQueries ? Queries : Rows).AsSpan(row * Dimensions, Dimensions))
                line.Append(value.ToString("R", CultureInfo.InvariantCulture)).Append(',');
            line[^1] = ']';
            target.Write(line.Append('\n'));
        }
    }

    private sealed class Chance(ulong seed)
    {
        private ulong _state = seed;

        internal int Next(int end) => (int)Math.BigMul(Next(), (ulong)end, out _);

        internal double Normal() => Math.Sqrt(-2 * Math.Log(1 - Share())) * Math.Cos(Math.Tau * Share());

        private double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

        private ulong Next()
        {
            ulong z = _state += 0x9E37_79B9_7F4A_7C15;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }
}
