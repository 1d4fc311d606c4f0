using System.Numerics;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Native;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>One worker of several nearest-vector searches that differ in their queries alone: reads each row once for all of them.</summary>
/// <remarks>
/// Rows that are certainly too far from a query are ruled out for all queries at once; the others are measured as a single search does,
/// so that each search finds bit for bit what it finds alone.
/// </remarks>
/// <param name="searches">The first of them hands out the work.</param>
/// <param name="sieve">The worker's own.</param>
internal sealed class BatchScan(NearestSearch[] searches, QueryPanels panels, IQuerySieve sieve)
{
    private readonly NearestScan[] _scans = Array.ConvertAll(searches, static search => new NearestScan(search));
    private readonly double[] _thresholds = new double[searches.Length]; // as the sieve has them
    private readonly float[] _rows = new float[sieve.RowsMax * panels.Dimensions];
    private readonly uint[] _kept = new uint[sieve.RowsMax * panels.PanelCount];
    private readonly int[] _places = new int[sieve.RowsMax]; // in the run, of the rows that are sifted

    /// <summary>What a worker takes beside the rows it keeps.</summary>
    internal static long BytesOf(QueryPanels panels, IQuerySieve sieve) =>
        sieve.RowsMax * sizeof(float) * ((long)panels.Dimensions + panels.PanelCount);

    /// <summary>By query.</summary>
    internal ReadOnlySpan<NearestScan> Scans => _scans;

    internal void Run(CancellationToken cancellation)
    {
        if (!searches[0].HasWork)
            return;
        _thresholds.AsSpan().Fill(double.PositiveInfinity);
        int unit = 0;
        while (searches[0].TryTake(ref unit, out int index))
        {
            cancellation.ThrowIfCancellationRequested();
            if (searches[0].RunsOf(unit) is not { } runs)
                _scans[0].ReadUnit(unit, _scans, cancellation);
            else if (runs.TryRead(index, searches[0].Bounds, out VectorRun run))
                ScanRun(unit, run);
            for (int i = 0; i < searches.Length; i++)
                searches[i].Share(_scans[i].Nearest);
        }
    }

    internal void Merge(BatchScan other)
    {
        for (int i = 0; i < _scans.Length; i++)
            _scans[i].Merge(other._scans[i]);
    }

    private void ScanRun(int unit, VectorRun run)
    {
        Span<ulong> live = stackalloc ulong[ColumnBatch.RowsMax / 64];
        live = live[..Bitmap.WordCount(run.RowCount)];
        if (!_scans[0].FindLive(unit, run, _scans, live, out bool isAll))
            return;
        if (run.Values is { } values)
        {
            if (isAll)
                NearestScan.CopyBits(default, run.RowCount, live, ifAbsent: true);
            foreach (NearestScan scan in _scans)
                scan.MeasureEach(unit, run.FirstPosition, values, live);
            return;
        }
        VectorQuery query = searches[0].Query ?? throw new InvalidOperationException("null queries are no batch");
        ReadOnlySpan<byte> data = run.Data.Bytes;
        int stride = run.StrideBytes, count = 0;
        for (int word = 0; word < live.Length; word++)
        {
            int first = word * 64, rows = Math.Min(64, run.RowCount - first);
            ulong bits = isAll ? ulong.MaxValue >> (64 - rows) : live[word];
            if (query.IsSingle && count == 0 && BitOperations.PopCount(bits) == rows)
            {
                for (int i = 0; i < rows; i++)
                    _places[i] = first + i;
                Sift(unit, run, MemoryMarshal.Cast<byte, float>(data.Slice(first * stride, rows * stride)), rows);
                continue;
            }
            for (; bits != 0; bits &= bits - 1)
            {
                int row = first + BitOperations.TrailingZeroCount(bits);
                query.Widen(data.Slice(row * stride, stride), _rows.AsSpan(count * panels.Dimensions));
                _places[count++] = row;
                if (count < sieve.RowsMax)
                    continue;
                Sift(unit, run, _rows, count);
                count = 0;
            }
        }
        if (count > 0)
            Sift(unit, run, _rows.AsSpan(0, count * panels.Dimensions), count);
    }

    private void Sift(int unit, VectorRun run, ReadOnlySpan<float> rows, int count)
    {
        for (int i = 0; i < _scans.Length; i++)
        {
            double threshold = _scans[i].Nearest.Threshold;
            if (threshold == _thresholds[i])
                continue;
            _thresholds[i] = threshold;
            sieve.SetThreshold(i, threshold);
        }
        Span<uint> kept = _kept.AsSpan(0, count * panels.PanelCount);
        sieve.Sift(rows, kept);
        for (int i = kept.IndexOfAnyExcept(0u); i >= 0;)
        {
            (int panel, int row) = Math.DivRem(i, count);
            int place = _places[row];
            ReadOnlySpan<byte> vector = run.Data.Bytes.Slice(place * run.StrideBytes, run.StrideBytes);
            for (uint bits = kept[i]; bits != 0; bits &= bits - 1)
                _scans[(panel * QueryPanels.Lanes) + BitOperations.TrailingZeroCount(bits)].Measure(vector, unit, run.FirstPosition + place);
            int next = kept[(i + 1)..].IndexOfAnyExcept(0u);
            i = next < 0 ? -1 : i + 1 + next;
        }
    }
}
