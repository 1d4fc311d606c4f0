using VecSQL.Columnar.Columns;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>Numbers distinct keys from 0 in the order they first come: the hash table of joins, groups and sets.</summary>
/// <remarks>Threads: one at a time while keys are added; any number may look up afterwards.</remarks>
internal abstract class KeyTable
{
    /// <summary>The number of keys that are not in the table, or that it must not take in.</summary>
    internal const int Absent = -1;

    internal int Count { get; private protected set; }

    internal abstract long SizeBytes { get; }

    /// <summary>The numbers of the rows' keys; new keys are taken in, unless <paramref name="isFull"/>.</summary>
    internal abstract void Add(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids, bool isFull = false);

    /// <summary>The numbers of the rows' keys, without taking any in.</summary>
    internal abstract void Find(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids);

    /// <summary>Hashes of the rows' keys that equal keys share, also across tables of the same kinds.</summary>
    internal abstract void Hash(ReadOnlySpan<Column> keys, int rowCount, Span<ulong> hashes);

    /// <param name="nullsMatch">Whether null is a value like any other, as in GROUP BY; else rows with one are absent, as in joins.</param>
    internal static KeyTable Create(ReadOnlySpan<KeyKind> kinds, bool nullsMatch)
    {
        if (kinds.Length == 0)
            return new UnitKeyTable();
        if (kinds.Length == 1 && KeyKinds.WidthBytes(kinds[0]) is > 0 and <= 8)
            return new WordKeyTable(kinds[0], nullsMatch);
        if (PackedKeyTable.Fits(kinds))
            return new PackedKeyTable(kinds, nullsMatch);
        return nullsMatch && NumberedKeyTable.Fits(kinds) ? new NumberedKeyTable(kinds) : new BytesKeyTable(kinds, nullsMatch);
    }

    /// <summary>The table of keys without columns: there is one.</summary>
    private sealed class UnitKeyTable : KeyTable
    {
        internal override long SizeBytes => 0;

        internal override void Add(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids, bool isFull = false)
        {
            if (Count == 0 && !isFull && rowCount > 0)
                Count = 1;
            Find(keys, rowCount, ids);
        }

        internal override void Find(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids) =>
            ids[..rowCount].Fill(Count == 0 ? Absent : 0);

        internal override void Hash(ReadOnlySpan<Column> keys, int rowCount, Span<ulong> hashes) =>
            hashes[..rowCount].Clear();
    }
}
