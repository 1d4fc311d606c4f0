using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Sparse;

/// <summary>Gathers the rows of a block and turns them into lists.</summary>
/// <remarks>Memory: 12 bytes a value while it is gathered. Threads: one at a time.</remarks>
public sealed class SparseBlockBuilder(bool isCosine)
{
    private readonly List<float> _squares = [];
    private readonly List<ulong> _keys = []; // dimension, and the number of the value, so that rows stay in order
    private readonly List<float> _values = [];
    private readonly List<ushort> _rows = []; // of the values

    public int RowCount => _squares.Count;

    /// <summary>A row that the index leaves out.</summary>
    public void AddMissing() => _squares.Add(float.NaN);

    public void Add(SparseView row)
    {
        float square = ScalarDistances.InnerProduct(row.Values, row.Values);
        if (isCosine && !(square > 0))
        {
            AddMissing(); // it has no direction
            return;
        }
        for (int i = 0; i < row.Count; i++)
        {
            _keys.Add(((ulong)(uint)row.Indexes[i] << 32) | (uint)_values.Count);
            _values.Add(row.Values[i]);
            _rows.Add((ushort)_squares.Count);
        }
        _squares.Add(square);
    }

    /// <summary>The block of the rows that were added, which the next begins after.</summary>
    public byte[] Build()
    {
        Span<ulong> keys = CollectionsMarshal.AsSpan(_keys);
        keys.Sort();
        int lists = 0, positions = 0, weights = 0;
        for (int start = 0; start < keys.Length; start = EndOf(keys, start), lists++)
        {
            int count = EndOf(keys, start) - start;
            positions += IsDense(count) ? 0 : count;
            weights += IsDense(count) ? RowCount : count;
        }
        byte[] content = new byte[SparseBlock.BytesOf(RowCount, lists, positions, weights)];
        Span<int> head = MemoryMarshal.Cast<byte, int>(content.AsSpan(0, SparseBlock.HeadBytes));
        (head[0], head[1], head[2], head[3]) = (RowCount, lists, positions, weights);
        Write(content.AsSpan(SparseBlock.HeadBytes), keys, lists, weights);
        _squares.Clear();
        _keys.Clear();
        _values.Clear();
        _rows.Clear();
        return content;
    }

    private void Write(Span<byte> target, ReadOnlySpan<ulong> keys, int lists, int weightCount)
    {
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_squares)).CopyTo(target);
        target = target[(4 * RowCount)..];
        Span<int> dimensions = MemoryMarshal.Cast<byte, int>(target[..(4 * lists)]);
        Span<float> bounds = MemoryMarshal.Cast<byte, float>(target.Slice(4 * lists, 8 * lists));
        Span<int> starts = MemoryMarshal.Cast<byte, int>(target.Slice(12 * lists, 8 * (lists + 1)));
        target = target[((20 * lists) + 8)..];
        Span<float> weights = MemoryMarshal.Cast<byte, float>(target[..(4 * weightCount)]);
        Span<ushort> positions = MemoryMarshal.Cast<byte, ushort>(target[(4 * weightCount)..]);
        int list = 0, position = 0, weight = 0;
        for (int start = 0, end; start < keys.Length; start = end, list++)
        {
            end = EndOf(keys, start);
            dimensions[list] = (int)(keys[start] >> 32);
            bool isDense = IsDense(end - start), hasAll = end - start == RowCount;
            float least = hasAll ? float.MaxValue : 0, greatest = hasAll ? float.MinValue : 0;
            foreach (ulong key in keys[start..end])
            {
                int value = (int)(uint)key, row = _rows[value];
                float bound = isCosine ? _values[value] / MathF.Sqrt(_squares[row]) : _values[value];
                (least, greatest) = (Math.Min(least, bound), Math.Max(greatest, bound));
                weights[isDense ? weight + row : weight++] = _values[value];
                if (!isDense)
                    positions[position++] = (ushort)row;
            }
            weight += isDense ? RowCount : 0;
            (bounds[2 * list], bounds[(2 * list) + 1]) = (least, greatest);
            (starts[2 * (list + 1)], starts[(2 * (list + 1)) + 1]) = (position, weight);
        }
    }

    // Zeros for the rows that lack the dimension are read faster than the numbers of those that have it.
    private bool IsDense(int count) => count > RowCount / 2;

    private static int EndOf(ReadOnlySpan<ulong> keys, int start)
    {
        ulong dimension = keys[start] >> 32;
        int end = start + 1;
        while (end < keys.Length && keys[end] >> 32 == dimension)
            end++;
        return end;
    }
}
