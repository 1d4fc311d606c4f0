using System.Collections.Concurrent;
using VecSQL.Columnar.Columns;
using VecSQL.Vectors.Cells;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Sparse;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Searches by inverted lists, which find the nearest sparse vectors exactly.</summary>
internal sealed partial class IndexSearch
{
    /// <summary>What measuring a row costs, in postings read.</summary>
    private const double SparseRowCost = 400;

    private static readonly ConcurrentBag<SparseSearch> IdleSparse = [];

    /// <summary>Whether the rows found are those of an exact search, ties and all.</summary>
    internal bool IsExact => _segments.Count > 0 && _segments[0].Any is SparseIndex;

    /// <summary>Values that exact searches by lists have read, and rows that they have measured.</summary>
    internal (long Postings, long Rows) ListWork { get; private set; }

    private void RunSparse(NearestScan target, CancellationToken cancellation)
    {
        if (_search.Query is not { } query)
            return;
        SparseView vector = query.ToSparse(out int dimensions);
        if (!IdleSparse.TryTake(out SparseSearch? lists))
            lists = new SparseSearch();
        foreach (IndexedSegment segment in _segments)
        {
            cancellation.ThrowIfCancellationRequested();
            var index = (SparseIndex)segment.Any;
            if (dimensions != index.Dimensions || (index.Metric == DistanceMetric.Cosine && vector.Count == 0))
                break; // the exact scan says what is wrong, or has no distance for any row
            ulong[] visible = segment.FindVisible(target, out int visibleCount);
            SparseTarget rows = new(this, segment, target);
            if (visible.Length > 0 && visibleCount * SparseRowCost < index.PostingsFor(vector))
            {
                _rowsMeasured += visibleCount;
                foreach (int position in segment.Positions(visible, visibleCount))
                    rows.Measure(position);
            }
            else
            {
                lists.Run(index, vector, visible, _search.Wanted, rows, cancellation);
            }
            segment.Visible = visible;
            foreach ((int unit, _) in segment.Units)
                IsDone[unit] = true;
        }
        Strategy = FilterStrategy.Prefilter;
        ListWork = (lists.PostingsRead, _rowsMeasured + lists.RowsMeasured);
        lists.Reset();
        IdleSparse.Add(lists);
    }

    private void AddMissingByOne(NearestScan target, IndexedSegment segment, ReadOnlySpan<int> missing, bool withNulls)
    {
        foreach (int position in missing)
        {
            (int unit, int place) = segment.Find(position);
            if (!IsDone[unit] || !segment.Passes(position))
                continue;
            BinaryColumn vector = ReadVector(unit, place);
            if (!vector.IsNull(0))
                target.Measure(vector[0], unit, place);
            else if (withNulls)
                target.KeepNull(unit, place);
        }
    }

    /// <summary>A row's vector.</summary>
    private BinaryColumn ReadVector(int unit, int place)
    {
        ReadOnlySpan<short> columns = [_search.VectorColumn];
        return (BinaryColumn)_search.Units[unit].Slice(place, 1, columns).Columns[0];
    }

    private sealed class SparseTarget(IndexSearch search, IndexedSegment segment, NearestScan target) : ISparseTarget
    {
        public double Threshold => target.Nearest.Threshold;

        public void Settle() => target.Nearest.Sorted();

        public void Offer(int position, double distance)
        {
            (int unit, int place) = segment.Find(position);
            target.Offer(distance, unit, place);
        }

        public void Measure(int position)
        {
            (int unit, int place) = segment.Find(position);
            target.Measure(search.ReadVector(unit, place)[0], unit, place);
        }
    }
}
