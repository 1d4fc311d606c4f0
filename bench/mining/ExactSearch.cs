using System.Numerics;

namespace VecSQL.Bench.Mining;

/// <summary>A row and how far it is.</summary>
internal readonly record struct Neighbour(double Distance, int Row)
{
    /// <summary>Nearer ones are less; of equally near ones that of the lesser key.</summary>
    internal int CompareWith(Neighbour other) => (Distance, Row).CompareTo((other.Distance, other.Row));
}

/// <summary>The nearest allowed rows of anchors, by measuring every pair in double precision: slow and obviously right.</summary>
internal sealed class ExactSearch
{
    private readonly int _dimensions, _count;
    private readonly double[] _rows;
    private readonly double[] _lengths;
    private readonly bool _isCosine;

    internal ExactSearch(SampleRows sample, bool isCosine)
    {
        (_dimensions, _count, _isCosine) = (sample.Dimensions, sample.Count, isCosine);
        _rows = Array.ConvertAll(sample.Rows, static value => (double)value);
        _lengths = [.. Enumerable.Range(0, _count).Select(row => Length(_rows.AsSpan(row * _dimensions, _dimensions)))];
    }

    internal double Distance(ReadOnlySpan<double> anchor, int row) =>
        Distance(anchor, Length(anchor), _rows.AsSpan(row * _dimensions, _dimensions), _lengths[row]);

    /// <summary>For each anchor its nearest rows, the nearest first, equally near ones by their keys.</summary>
    /// <param name="anchors">Vectors, one behind the other.</param>
    /// <param name="isAllowed">Whether a row may be found for an anchor.</param>
    /// <param name="least">Nearer rows are passed over.</param>
    internal List<Neighbour>[] Find(float[] anchors, int wanted, Func<int, int, bool> isAllowed, Func<int, double> least)
    {
        const int Together = 16; // anchors, whose vectors stay in the cache while the rows go by
        var found = new List<Neighbour>[anchors.Length / _dimensions];
        Parallel.For(0, (found.Length + Together - 1) / Together, block =>
        {
            int first = block * Together, last = Math.Min(found.Length, first + Together);
            double[][] vectors = [.. Enumerable.Range(first, last - first).Select(anchor =>
                Array.ConvertAll(anchors[(anchor * _dimensions)..((anchor + 1) * _dimensions)], static value => (double)value))];
            double[] lengths = [.. vectors.Select(vector => Length(vector))], leasts = [.. Enumerable.Range(first, last - first).Select(least)];
            for (int i = 0; i < vectors.Length; i++)
                found[first + i] = new List<Neighbour>(wanted + 1);
            for (int row = 0; row < _count; row++)
            {
                for (int i = 0; i < vectors.Length; i++)
                {
                    double distance = Distance(vectors[i], lengths[i], _rows.AsSpan(row * _dimensions, _dimensions), _lengths[row]);
                    List<Neighbour> nearest = found[first + i];
                    bool isNear = nearest.Count < wanted || distance < nearest[^1].Distance; // rows come by their keys
                    if (isNear && distance >= leasts[i] && isAllowed(first + i, row))
                        Insert(nearest, new Neighbour(distance, row), wanted);
                }
            }
        });
        return found;
    }

    private static void Insert(List<Neighbour> nearest, Neighbour found, int wanted)
    {
        int at = nearest.Count;
        while (at > 0 && nearest[at - 1].Distance > found.Distance)
            at--;
        nearest.Insert(at, found);
        if (nearest.Count > wanted)
            nearest.RemoveAt(wanted);
    }

    private double Distance(ReadOnlySpan<double> x, double lengthOfX, ReadOnlySpan<double> y, double lengthOfY)
    {
        if (_isCosine)
            return 1 - Math.Clamp(Product(x, y) / (lengthOfX * lengthOfY), -1, 1);
        Vector<double> sum = default;
        int i = 0;
        for (; i <= x.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> difference = new Vector<double>(x[i..]) - new Vector<double>(y[i..]);
            sum += difference * difference;
        }
        double total = Vector.Sum(sum);
        for (; i < x.Length; i++)
            total += (x[i] - y[i]) * (x[i] - y[i]);
        return Math.Sqrt(total);
    }

    private static double Length(ReadOnlySpan<double> x) => Math.Sqrt(Product(x, x));

    private static double Product(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Vector<double> even = default, odd = default;
        int i = 0;
        for (; i <= x.Length - (2 * Vector<double>.Count); i += 2 * Vector<double>.Count)
        {
            even += new Vector<double>(x[i..]) * new Vector<double>(y[i..]);
            odd += new Vector<double>(x[(i + Vector<double>.Count)..]) * new Vector<double>(y[(i + Vector<double>.Count)..]);
        }
        double sum = Vector.Sum(even + odd);
        for (; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }
}
