using System.Numerics.Tensors;

namespace VecSQL.Bench.Mining;

/// <summary>A row and how far it is.</summary>
internal readonly record struct Neighbour(double Distance, int Row)
{
    /// <summary>Nearer ones are less; of equally near ones that of the lesser key.</summary>
    internal int CompareWith(Neighbour other) => (Distance, Row).CompareTo((other.Distance, other.Row));
}

/// <summary>The nearest allowed rows of anchors, by looking at every pair: slow and plainly right.</summary>
/// <remarks>A pair's product in float32 only tells whether it is certainly too far; what is not is measured in double precision.</remarks>
internal sealed class ExactSearch
{
    private const double Doubt = 1e-4; // of cosine distances and of squares; products of such vectors are within a tenth of it

    private readonly SampleRows _sample;
    private readonly double[] _rows;
    private readonly double[] _lengths;
    private readonly bool _isCosine;

    internal ExactSearch(SampleRows sample, bool isCosine)
    {
        (_sample, _isCosine) = (sample, isCosine);
        _rows = Array.ConvertAll(sample.Rows, static value => (double)value);
        _lengths = [.. Enumerable.Range(0, sample.Count).Select(row => TensorPrimitives.Norm<double>(RowAt(row)))];
    }

    internal double Distance(ReadOnlySpan<double> anchor, int row) => _isCosine
        ? 1 - Math.Clamp(TensorPrimitives.Dot(anchor, RowAt(row)) / (TensorPrimitives.Norm(anchor) * _lengths[row]), -1, 1)
        : TensorPrimitives.Distance(anchor, RowAt(row));

    /// <summary>For each anchor its nearest rows, the nearest first, equally near ones by their keys.</summary>
    /// <param name="anchors">Vectors, one behind the other.</param>
    /// <param name="isAllowed">Whether a row may be found for an anchor.</param>
    /// <param name="least">Nearer rows are passed over.</param>
    internal List<Neighbour>[] Find(float[] anchors, int wanted, Func<int, int, bool> isAllowed, Func<int, double> least)
    {
        const int Together = 32; // anchors, whose vectors stay in the cache while the rows go by
        var found = new List<Neighbour>[anchors.Length / _sample.Dimensions];
        Parallel.For(0, (found.Length + Together - 1) / Together, block =>
        {
            int first = block * Together, count = Math.Min(found.Length - first, Together), dimensions = _sample.Dimensions;
            Search[] searches = [.. Enumerable.Range(first, count).Select(anchor => new Search(this,
                anchors.AsMemory(anchor * dimensions, dimensions), wanted, row => isAllowed(anchor, row), least(anchor)))];
            for (int row = 0; row < _sample.Count; row++)
            {
                ReadOnlySpan<float> vector = _sample.Rows.AsSpan(row * dimensions, dimensions);
                foreach (Search search in searches)
                    search.Look(row, vector);
            }
            for (int i = 0; i < count; i++)
                found[first + i] = searches[i].Nearest;
        });
        return found;
    }

    private ReadOnlySpan<double> RowAt(int row) => _rows.AsSpan(row * _sample.Dimensions, _sample.Dimensions);

    private sealed class Search(ExactSearch all, ReadOnlyMemory<float> anchor, int wanted, Func<int, bool> isAllowed, double least)
    {
        private readonly double[] _anchor = [.. anchor.Span.ToArray().Select(static value => (double)value)];
        private readonly double _length = TensorPrimitives.Norm<float>(anchor.Span);
        private double _farthest = double.PositiveInfinity; // that may still be among the nearest

        internal List<Neighbour> Nearest { get; } = new(wanted + 1);

        internal void Look(int row, ReadOnlySpan<float> vector)
        {
            double product = TensorPrimitives.Dot(anchor.Span, vector), length = all._lengths[row];
            bool isFar = all._isCosine
                ? 1 - (product / (_length * length)) > _farthest + Doubt
                : (_length * _length) + (length * length) - (2 * product) > (_farthest * _farthest) + Doubt;
            if (isFar || !isAllowed(row))
                return;
            double distance = all.Distance(_anchor, row);
            if (distance < least || distance >= _farthest) // rows come by their keys
                return;
            int at = Nearest.Count;
            while (at > 0 && Nearest[at - 1].Distance > distance)
                at--;
            Nearest.Insert(at, new Neighbour(distance, row));
            if (Nearest.Count > wanted)
                Nearest.RemoveAt(wanted);
            if (Nearest.Count == wanted)
                _farthest = Nearest[^1].Distance;
        }
    }
}
