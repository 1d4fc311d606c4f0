using System.Buffers;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Shards.Methods;

/// <summary>Vectors are in the cell whose centroid is nearest, those that are null at the first place; where there are no cells yet, where the slots of their hashes are.</summary>
/// <remarks>
/// Which of two centroids that are equally far is nearest may differ from machine to machine: this says where a vector that is written goes, and nobody asks it
/// where one is.
/// </remarks>
internal sealed class CellPlaces(ShardGroupEntry group, SqlType[] types) : IKeyPlaces
{
    private readonly HashPlaces? _hashes = group.Centroids.IsEmpty ? new HashPlaces(group, types) : null;

    public void Find(ReadOnlySpan<Column> keys, Span<int> places)
    {
        if (_hashes is not null)
        {
            _hashes.Find(keys, places);
            return;
        }
        ReadOnlySpan<float> centroids = MemoryMarshal.Cast<byte, float>(group.Centroids.Span);
        int cells = group.Slots.Length, dimensions = centroids.Length / cells;
        var vectors = (BinaryColumn)keys[0];
        double[] distances = ArrayPool<double>.Shared.Rent(cells);
        float[] vector = ArrayPool<float>.Shared.Rent(dimensions);
        for (int row = 0; row < places.Length; row++)
        {
            places[row] = 0;
            if (vectors.IsNull(row))
                continue;
            Read(vectors[row], vector.AsSpan(0, dimensions));
            Distances.Scan(DistanceMetric.L2, vector.AsSpan(0, dimensions), centroids, dimensions, cells, distances);
            int nearest = 0;
            for (int cell = 1; cell < cells; cell++)
                nearest = distances[cell] < distances[nearest] ? cell : nearest;
            places[row] = group.Slots[nearest];
        }
        ArrayPool<float>.Shared.Return(vector);
        ArrayPool<double>.Shared.Return(distances);
    }

    public Range? Within(ReadOnlySpan<Column> prefix, KeyLimit low, KeyLimit high)
    {
        if (prefix.IsEmpty)
            return null;
        Span<int> place = stackalloc int[1];
        Find(prefix, place);
        return place[0]..(place[0] + 1);
    }

    private void Read(ReadOnlySpan<byte> bytes, Span<float> vector)
    {
        bool isHalf = types[0].Oid == TypeOid.HalfVector;
        Invariant.Holds(bytes.Length == vector.Length * (isHalf ? 2 : sizeof(float)));
        if (isHalf)
            Halves.Widen(MemoryMarshal.Cast<byte, Half>(bytes), vector);
        else
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(vector);
    }
}
