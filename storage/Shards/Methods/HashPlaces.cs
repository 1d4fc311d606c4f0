using System.Buffers;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Shards.Methods;

/// <summary>Keys are where the slots of their hashes are.</summary>
internal sealed class HashPlaces(ShardGroupEntry group, SqlType[] types) : IKeyPlaces
{
    public void Find(ReadOnlySpan<Column> keys, Span<int> places)
    {
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(Math.Max(places.Length, 1));
        Span<ulong> hashes = rented.AsSpan(0, places.Length);
        KeyHash.Compute(types, keys, hashes);
        for (int row = 0; row < hashes.Length; row++)
            places[row] = group.PlaceOf(hashes[row]);
        ArrayPool<ulong>.Shared.Return(rented);
    }

    public Range? Within(ReadOnlySpan<Column> prefix, KeyLimit low, KeyLimit high)
    {
        if (prefix.Length < types.Length)
            return null;
        Span<int> place = stackalloc int[1];
        Find(prefix, place);
        return place[0]..(place[0] + 1);
    }
}
