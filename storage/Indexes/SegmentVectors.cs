using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Indexes;

/// <summary>The vectors of a segment that an index may hold: those that are not null and, for cosine, not zero, of rows that meet
/// the index's predicate.</summary>
/// <remarks>Threads: any number may read at once.</remarks>
internal sealed class SegmentVectors : IVectorSource
{
    private readonly ColumnBuffer[] _batches;
    private readonly int _rowsPerBatch, _bytesPerValue;
    private readonly int[] _positions;

    /// <param name="definition">Its columns are in the segment.</param>
    public SegmentVectors(SegmentReader segment, VectorIndexDefinition definition, CancellationToken cancellation)
    {
        short column = definition.Column;
        bool withZeros = definition.Metric != DistanceMetric.Cosine;
        SqlType type = segment.Schema.Columns[segment.Schema.OrdinalOf(column)].Type;
        Dimensions = type.Modifier;
        _bytesPerValue = type.Oid == TypeOid.HalfVector ? 2 : sizeof(float);
        _rowsPerBatch = Math.Max(1, segment.BatchStart(1));
        _batches = new ColumnBuffer[segment.BatchCount];
        List<int> positions = new(segment.Info.RowCount);
        for (int batch = 0; batch < _batches.Length; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            MappedRun run = segment.MapRun(batch, column);
            _batches[batch] = run.Data;
            BoolColumn? members = definition.Predicate == 0
                ? null : (BoolColumn)segment.ReadBatch(batch, [definition.Predicate]).Columns[0].Expand();
            int start = segment.BatchStart(batch), count = segment.BatchStart(batch + 1) - start;
            for (int row = 0; row < count; row++)
            {
                bool isMember = members is null || (!members.IsNull(row) && members[row]);
                if (isMember && (run.Validity.IsAbsent || run.Validity[row]) && (withZeros || !IsZero(run.Data, row)))
                    positions.Add(start + row);
            }
        }
        _positions = [.. positions];
    }

    public int Dimensions { get; }

    public int Count => _positions.Length;

    /// <summary>Where in the segment each row lies.</summary>
    public ReadOnlySpan<int> Positions => _positions;

    public void Read(int first, Span<float> target)
    {
        for (int row = first; !target.IsEmpty; row++, target = target[Dimensions..])
        {
            int batch = _positions[row] / _rowsPerBatch, place = _positions[row] % _rowsPerBatch;
            ReadOnlySpan<byte> bytes = RowOf(_batches[batch], place);
            if (_bytesPerValue == sizeof(float))
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(target);
            else
                Widen(MemoryMarshal.Cast<byte, Half>(bytes), target);
        }
    }

    private static void Widen(ReadOnlySpan<Half> halves, Span<float> target)
    {
        for (int i = 0; i < halves.Length; i++)
            target[i] = (float)halves[i];
    }

    private ReadOnlySpan<byte> RowOf(ColumnBuffer batch, int row) =>
        batch.Bytes.Slice(row * Dimensions * _bytesPerValue, Dimensions * _bytesPerValue);

    // A negative zero counts as zero: its sign is the only bit.
    private bool IsZero(ColumnBuffer batch, int row)
    {
        ReadOnlySpan<byte> bytes = RowOf(batch, row);
        return _bytesPerValue == sizeof(float)
            ? !MemoryMarshal.Cast<byte, float>(bytes).ContainsAnyExcept(0f)
            : !MemoryMarshal.Cast<byte, Half>(bytes).ContainsAnyExcept((Half)0f);
    }
}
