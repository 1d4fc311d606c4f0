using System.Numerics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Keeps the k nearest of the rows offered to it: by distance, then by row number; NaN counts as
/// farthest, or where asked for as nearest.</summary>
/// <remarks>
/// Memory:  about 2k + 64 entries, and twice the ties where those are kept. A few are kept in their order, so that the threshold falls with
///          each: what is below it is measured in vain. Of many, those nearer than <see cref="Threshold"/> are put in unsorted; when the
///          room is full, the nearest k are kept and the threshold falls. That costs the same for a k of a hundred and of a hundred thousand.
/// Threads: one at a time; merge the collectors of several threads with <see cref="Merge"/>.
/// </remarks>
public sealed class TopK
{
    private const int OrderedMax = 64, Spare = 64, EntryBytes = sizeof(double) + sizeof(long);

    private readonly int _wanted;
    private readonly bool _nanIsNearest, _keepsTies;
    private (double Distance, long Row)[] _entries;
    private int _count;
    private bool _isOrdered;

    /// <param name="k">How many rows to keep; 0 keeps none.</param>
    /// <param name="keepsTies">Keeps as well all rows that are as near as the last of the k.</param>
    public TopK(int k, bool nanIsNearest = false, bool keepsTies = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        _nanIsNearest = nanIsNearest;
        _keepsTies = keepsTies;
        _wanted = k;
        _entries = new (double, long)[Math.Min((2L * k) + Spare, 1024)]; // grown only as far as rows come
        Clear();
    }

    /// <summary>Memory that keeping so many rows takes at most, without ties.</summary>
    public static long BytesFor(long k) => ((2 * k) + Spare) * EntryBytes;

    /// <summary>No row farther than this can still get in; positive infinity while there is room.</summary>
    public double Threshold { get; private set; }

    public void Clear()
    {
        _count = 0;
        _isOrdered = _wanted <= OrderedMax;
        Threshold = _wanted == 0 ? double.NegativeInfinity : double.PositiveInfinity;
    }

    /// <summary>Lets no row farther than this in any more: others have enough that are as near.</summary>
    public void Tighten(double threshold)
    {
        if (threshold < Threshold)
            Threshold = threshold;
    }

    /// <summary>Offers one row.</summary>
    public void Offer(double distance, long row)
    {
        if (distance > Threshold || _wanted == 0)
            return; // an equal distance may still win by its row number
        if (_isOrdered)
        {
            Insert((distance, row));
            return;
        }
        if (_count == _entries.Length)
            MakeRoom();
        _entries[_count++] = (distance, row);
    }

    private void Insert((double Distance, long Row) entry)
    {
        int nan = _nanIsNearest ? -1 : 1, place = _count;
        for (; place > 0 && Compare(entry, _entries[place - 1], nan) < 0; place--)
            _entries[place] = _entries[place - 1];
        _entries[place] = entry;
        _count++;
        if (_count < _wanted)
            return;
        CutBehind();
        _isOrdered = _count < _entries.Length; // or there are so many ties that to keep their order would cost
    }

    /// <summary>Offers consecutive rows.</summary>
    /// <param name="live">Bit i set: row i counts. Empty for all.</param>
    public void OfferRun(ReadOnlySpan<double> distances, long firstRow, ReadOnlySpan<ulong> live = default)
    {
        if (live.IsEmpty)
        {
            for (int i = 0; i < distances.Length;)
            {
                int end = Math.Min(i + Vector<double>.Count, distances.Length);
                if (end - i == Vector<double>.Count
                    && Vector.GreaterThanAll(new Vector<double>(distances[i..]), new Vector<double>(Threshold)))
                {
                    i = end; // nearly always, once enough rows are found
                    continue;
                }
                for (; i < end; i++)
                    Offer(distances[i], firstRow + i);
            }
            return;
        }
        for (int first = 0; first < distances.Length; first += 64)
        {
            ulong word = live[first >> 6];
            if (distances.Length - first < 64)
                word &= (1UL << (distances.Length - first)) - 1;
            for (; word != 0; word &= word - 1)
            {
                int i = first + BitOperations.TrailingZeroCount(word);
                Offer(distances[i], firstRow + i);
            }
        }
    }

    /// <summary>Offers all that another collector has kept.</summary>
    public void Merge(TopK other)
    {
        foreach ((double distance, long row) in other._entries.AsSpan(0, other._count))
            Offer(distance, row);
    }

    /// <summary>The nearest rows, nearest first; valid until the next call.</summary>
    public ReadOnlySpan<(double Distance, long Row)> Sorted()
    {
        Keep();
        return _entries.AsSpan(0, _count);
    }

    private void MakeRoom()
    {
        long full = (2L * _wanted) + Spare;
        if (_entries.Length >= full)
            Keep();
        if (_count > _entries.Length / 2) // not full yet, or full of ties
            Array.Resize(ref _entries, (int)Math.Min(_entries.Length * 2L, Array.MaxLength));
    }

    private void Keep()
    {
        if (!_isOrdered)
            _entries.AsSpan(0, _count).Sort(_nanIsNearest ? NaNFirst : NaNLast);
        if (_count >= _wanted)
            CutBehind();
    }

    // Leaves the nearest, of entries in order, and says how near others must be.
    private void CutBehind()
    {
        double farthest = _wanted == 0 ? double.NegativeInfinity : _entries[_wanted - 1].Distance;
        int kept = _wanted;
        while (_keepsTies && _wanted > 0 && kept < _count && IsTie(_entries[kept].Distance, farthest))
            kept++;
        _count = kept;
        if (!double.IsNaN(farthest))
            Tighten(farthest);
        else if (_nanIsNearest)
            Tighten(double.NegativeInfinity);
    }

    private static bool IsTie(double x, double y) => x == y || (double.IsNaN(x) && double.IsNaN(y));

    private static readonly Comparison<(double Distance, long Row)> NaNFirst = static (x, y) => Compare(x, y, -1),
        NaNLast = static (x, y) => Compare(x, y, 1);

    private static int Compare((double Distance, long Row) x, (double Distance, long Row) y, int nan)
    {
        if (x.Distance < y.Distance)
            return -1;
        if (x.Distance > y.Distance)
            return 1;
        int byNaN = double.IsNaN(x.Distance).CompareTo(double.IsNaN(y.Distance));
        return byNaN != 0 ? byNaN * nan : x.Row.CompareTo(y.Row);
    }
}
