namespace VecSQL.Vectors.Kernels;

/// <summary>The few nearest of what is offered, always in order: one sorted array, for up to some hundreds of entries.</summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class Beam
{
    private float[] _distances = new float[64];
    private int[] _places = new int[64];
    private int _capacity;

    internal int Count { get; private set; }

    /// <summary>What a distance must be below to get in.</summary>
    internal float Worst { get; private set; }

    /// <summary>Ascending.</summary>
    internal ReadOnlySpan<float> Distances => _distances.AsSpan(0, Count);

    internal ReadOnlySpan<int> Places => _places.AsSpan(0, Count);

    internal void Clear(int capacity)
    {
        _capacity = capacity;
        if (_distances.Length < capacity)
        {
            _distances = new float[capacity];
            _places = new int[capacity];
        }
        Count = 0;
        Worst = capacity == 0 ? float.NegativeInfinity : float.PositiveInfinity;
    }

    internal void Offer(float distance, int place)
    {
        if (!(distance < Worst))
            return;
        int at = Count < _capacity ? Count++ : _capacity - 1;
        for (; at > 0 && _distances[at - 1] > distance; at--)
            (_distances[at], _places[at]) = (_distances[at - 1], _places[at - 1]);
        (_distances[at], _places[at]) = (distance, place);
        if (Count == _capacity)
            Worst = _distances[_capacity - 1];
    }
}
