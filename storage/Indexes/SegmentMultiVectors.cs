using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Indexes;

/// <summary>The vectors in a segment's arrays of vectors, array by array, of rows that meet the index's predicate.</summary>
/// <remarks>Threads: any number may read at once.</remarks>
internal sealed class SegmentMultiVectors : IVectorSource
{
    private readonly BinaryColumn[] _batches;
    private readonly int _rowsPerBatch;
    private readonly bool _isHalf;
    private readonly int[] _positions;
    private readonly int[] _starts; // by position: the number of the row's first vector

    /// <param name="definition">Its columns are in the segment.</param>
    public SegmentMultiVectors(SegmentReader segment, MaxSimIndexDefinition definition, CancellationToken cancellation)
    {
        SqlType type = segment.Schema.Columns[segment.Schema.OrdinalOf(definition.Column)].Type;
        Dimensions = type.Modifier;
        _isHalf = type.Oid == TypeOid.HalfVectorArray;
        _rowsPerBatch = Math.Max(1, segment.BatchStart(1));
        _batches = new BinaryColumn[segment.BatchCount];
        _starts = new int[segment.Info.RowCount];
        List<int> positions = [];
        for (int batch = 0; batch < _batches.Length; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            BinaryColumn values = _batches[batch] = (BinaryColumn)segment.ReadColumn(batch, definition.Column).Expand();
            BoolColumn? members = definition.Predicate == 0 ? null : (BoolColumn)segment.ReadColumn(batch, definition.Predicate).Expand();
            int start = segment.BatchStart(batch);
            for (int row = 0; row < values.Length; row++)
            {
                _starts[start + row] = positions.Count;
                if (values.IsNull(row) || (members is not null && (members.IsNull(row) || !members[row])))
                    continue;
                for (int i = VectorsOf(values[row]).Length / BytesPerVector; i > 0; i--)
                    positions.Add(start + row);
            }
        }
        _positions = [.. positions];
    }

    public int Dimensions { get; }

    public int Count => _positions.Length;

    /// <summary>For each vector the position of its row in the segment, ascending.</summary>
    public ReadOnlySpan<int> Positions => _positions;

    private int BytesPerVector => Dimensions * (_isHalf ? 2 : sizeof(float));

    public void Read(int first, Span<float> target)
    {
        while (!target.IsEmpty)
        {
            int position = _positions[first];
            ReadOnlySpan<byte> bytes = VectorsOf(_batches[position / _rowsPerBatch][position % _rowsPerBatch])
                [((first - _starts[position]) * BytesPerVector)..];
            int count = Math.Min(bytes.Length / BytesPerVector, target.Length / Dimensions);
            bytes = bytes[..(count * BytesPerVector)];
            if (_isHalf)
                Halves.Widen(MemoryMarshal.Cast<byte, Half>(bytes), target);
            else
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(target);
            target = target[(count * Dimensions)..];
            first += count;
        }
    }

    private static ReadOnlySpan<byte> VectorsOf(ReadOnlySpan<byte> value) => new ArrayValue(value).VariableData;
}
