using System.Numerics;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Codes;
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
/// <param name="codeSieve">The worker's own, for rows that are coded; null where codes do not help.</param>
internal sealed class BatchScan(NearestSearch[] searches, QueryPanels panels, IQuerySieve sieve, CodeSieve? codeSieve)
{
    private readonly NearestScan[] _scans = Array.ConvertAll(searches, static search => new NearestScan(search));
    private readonly double[] _thresholds = new double[searches.Length]; // as the sieves have them
    private readonly float[] _rows = new float[sieve.RowsMax * panels.Dimensions];
    private readonly uint[] _kept = new uint[sieve.RowsMax * panels.PanelCount];
    private readonly ulong[] _keptOfCoded = new ulong[searches.Length];
    private CodeSieve? _codeSieve = codeSieve;
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
            Share();
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
        if (_codeSieve is { } coded && run.Codes.Of(run) is { } codes)
        {
            if (isAll)
                NearestScan.CopyBits(default, run.RowCount, live, ifAbsent: true);
            SiftCoded(coded, unit, run, codes, live);
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

    // Reads a quarter of the bytes, and bounds what they say.
    private void SiftCoded(CodeSieve coded, int unit, VectorRun run, VectorCodes codes, Span<ulong> live)
    {
        const int RowsPerShare = 8 * CodeSieve.RowsAtOnce;
        long tried = 0, left = 0;
        for (int word = 0; word < live.Length; word++)
        {
            if (live[word] == 0)
                continue;
            int first = word * CodeSieve.RowsAtOnce;
            live[word] = MeasureFirst(unit, run, first, live[word]);
            if (first % RowsPerShare == 0)
                Share();
            PassThresholds();
            coded.Sift(codes, first, _keptOfCoded);
            tried += CodeSieve.RowsAtOnce * _scans.Length;
            ulong any = 0;
            foreach (ulong kept in _keptOfCoded)
                any |= kept;
            for (any &= live[word]; any != 0; any &= any - 1) // they are not near, unlike their codes
                Prefetch.Ask(VectorAt(run, first + BitOperations.TrailingZeroCount(any)));
            for (int i = 0; i < _scans.Length; i++)
            {
                for (ulong bits = _keptOfCoded[i] & live[word]; bits != 0; bits &= bits - 1)
                {
                    Measure(_scans[i], unit, run, first + BitOperations.TrailingZeroCount(bits));
                    left++;
                }
            }
        }
        if (left > tried / 8)
            _codeSieve = null; // the rows are alike beyond what eight bits tell apart
    }

    // So that there is a threshold before the others are sifted; gives back the rows that are left.
    private ulong MeasureFirst(int unit, VectorRun run, int first, ulong rows)
    {
        if (_thresholds[0] < double.PositiveInfinity)
            return rows;
        for (int i = Math.Min(searches[0].Wanted, CodeSieve.RowsAtOnce / 2); i > 0 && rows != 0; i--)
        {
            foreach (NearestScan scan in _scans)
                Measure(scan, unit, run, first + BitOperations.TrailingZeroCount(rows));
            rows &= rows - 1;
        }
        return rows;
    }

    private void Share()
    {
        for (int i = 0; i < searches.Length; i++)
            searches[i].Share(_scans[i].Nearest);
    }

    private static void Measure(NearestScan scan, int unit, VectorRun run, int place) =>
        scan.Measure(VectorAt(run, place), unit, run.FirstPosition + place);

    private static ReadOnlySpan<byte> VectorAt(VectorRun run, int place) =>
        run.Data.Bytes.Slice(place * run.StrideBytes, run.StrideBytes);

    private void PassThresholds()
    {
        for (int i = 0; i < _scans.Length; i++)
        {
            double threshold = _scans[i].Nearest.Threshold;
            if (threshold == _thresholds[i])
                continue;
            _thresholds[i] = threshold;
            sieve.SetThreshold(i, threshold);
            _codeSieve?.SetThreshold(i, threshold);
        }
    }

    private void Sift(int unit, VectorRun run, ReadOnlySpan<float> rows, int count)
    {
        PassThresholds();
        Span<uint> kept = _kept.AsSpan(0, count * panels.PanelCount);
        sieve.Sift(rows, kept);
        for (int i = kept.IndexOfAnyExcept(0u); i >= 0;)
        {
            (int panel, int row) = Math.DivRem(i, count);
            for (uint bits = kept[i]; bits != 0; bits &= bits - 1)
                Measure(_scans[(panel * QueryPanels.Lanes) + BitOperations.TrailingZeroCount(bits)], unit, run, _places[row]);
            int next = kept[(i + 1)..].IndexOfAnyExcept(0u);
            i = next < 0 ? -1 : i + 1 + next;
        }
    }
}
