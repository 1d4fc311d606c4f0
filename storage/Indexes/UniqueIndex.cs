using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Indexes;

/// <summary>
/// The keys of one unique index for rows in memory: committed ones not yet in a segment, and those of live
/// transactions.
/// </summary>
/// <remarks>Threads: under the table's lock. Keys of rows in segments are found by the segments' sidecars.</remarks>
internal sealed class UniqueIndex
{
    private readonly short[] _columns;
    private readonly SqlType[] _types;

    private UniqueIndex(IndexEntry entry, SqlType[] types)
    {
        Oid = entry.Oid;
        NullsNotDistinct = entry.NullsNotDistinct;
        _columns = [.. entry.Columns];
        _types = types;
    }

    public uint Oid { get; }

    public bool NullsNotDistinct { get; }

    public ReadOnlySpan<short> Columns => _columns;

    public ReadOnlySpan<SqlType> Types => _types;

    public KeyMap Map { get; } = new();

    public static UniqueIndex Make(IndexEntry entry, TableEntry table)
    {
        SqlType[] types = new SqlType[entry.Columns.Length];
        for (int i = 0; i < types.Length; i++)
            types[i] = table.Column(entry.Columns[i]).Type;
        return new UniqueIndex(entry, types);
    }

    /// <summary>
    /// Whether this is still the index that the catalog describes; ALTER TYPE changes a key's columns under it.
    /// </summary>
    public bool Serves(IndexEntry entry, TableEntry table)
    {
        if (entry.NullsNotDistinct != NullsNotDistinct || !entry.Columns.AsSpan().SequenceEqual(_columns))
            return false;
        for (int i = 0; i < _types.Length; i++)
        {
            if (table.Column(_columns[i]).Type.Oid != _types[i].Oid)
                return false;
        }
        return true;
    }

    /// <summary>The key's columns of a batch that has the schema's columns.</summary>
    public KeyBatch KeysOf(ChunkSchema schema, ColumnBatch rows)
    {
        var keys = new Column[_columns.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = rows.Columns[schema.OrdinalOf(_columns[i])];
        return KeysOf(keys, rows.RowCount);
    }

    /// <summary>Keys given as columns of their own, in key order.</summary>
    public KeyBatch KeysOf(Column[] keys, int rowCount)
    {
        ulong[] hashes = new ulong[rowCount];
        KeyHash.Compute(_types, keys, hashes);
        return new KeyBatch(keys, hashes, FindSkipped(keys, rowCount));
    }

    /// <summary>Enters committed rows.</summary>
    public void AddAll(DeltaChunk chunk)
    {
        int count = chunk.Count;
        if (count == 0 || !HasColumns(chunk.Schema))
            return;
        KeyBatch keys = KeysOf(chunk.Schema, chunk.Read(count));
        for (int row = 0; row < count; row++)
        {
            if (!keys.IsSkipped(row))
                Map.Add(keys.Hashes[row], chunk.RowId(row), null);
        }
    }

    /// <summary>Removes entries of rows that are gone or in a segment now.</summary>
    public void RemoveAll(DeltaChunk chunk, int start, int count)
    {
        if (count == 0 || !HasColumns(chunk.Schema))
            return;
        var columns = new Column[_columns.Length];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = chunk.Column(chunk.Schema.OrdinalOf(_columns[i])).ReadAtLeast(start + count).Slice(start,
                count);
        KeyBatch keys = KeysOf(columns, count);
        for (int row = 0; row < count; row++)
        {
            if (!keys.IsSkipped(row))
                Map.Remove(keys.Hashes[row], chunk.RowId(start + row));
        }
    }

    /// <summary>Removes entries of rows given by their key columns, then their row ids.</summary>
    public void Remove(ColumnBatch keysAndIds)
    {
        FixedColumn<long> rowIds = (FixedColumn<long>)keysAndIds.Columns[^1];
        KeyBatch keys = KeysOf(keysAndIds.Columns[..^1], keysAndIds.RowCount);
        for (int row = 0; row < keysAndIds.RowCount; row++)
        {
            if (!keys.IsSkipped(row))
                Map.Remove(keys.Hashes[row], rowIds[row]);
        }
    }

    /// <summary>Whether the row at the place has the key.</summary>
    public bool Matches(RowPlace place, KeyBatch keys, int row)
    {
        if (place.Source.Chunk is { } chunk)
        {
            for (int i = 0; i < _columns.Length; i++)
            {
                int ordinal = chunk.Schema.OrdinalOf(_columns[i]);
                if (ordinal < 0 ||
                    !KeyEquality.Equal(_types[i], chunk.Column(ordinal).ReadAtLeast(place.Position + 1),
                        place.Position, keys.Columns[i], row))
                {
                    return false;
                }
            }
            return true;
        }
        SegmentReader reader = place.Source.Segment!.Reader;
        int batch = reader.BatchOf(place.Position), position = place.Position - reader.BatchStart(batch);
        for (int i = 0; i < _columns.Length; i++)
        {
            if (!KeyEquality.Equal(_types[i], reader.ReadColumn(batch, _columns[i]), position, keys.Columns[i], row))
                return false;
        }
        return true;
    }

    /// <summary>Whether rows of the schema have the key's columns, as the types that the index has.</summary>
    public bool HasColumns(ChunkSchema schema)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            int ordinal = schema.OrdinalOf(_columns[i]);
            if (ordinal < 0 || schema.Columns[ordinal].Type.Oid != _types[i].Oid)
                return false;
        }
        return true;
    }

    /// <summary>Rows whose key has a null and therefore equals no other.</summary>
    private ulong[]? FindSkipped(Column[] keys, int rowCount)
    {
        if (NullsNotDistinct || !Array.Exists(keys, column => column.HasNulls))
            return null;
        ulong[] skipped = Bitmap.Allocate(rowCount);
        foreach (Column column in keys)
        {
            for (int row = 0; row < rowCount; row++)
            {
                if (column.IsNull(row))
                    Bitmap.Set(skipped, row);
            }
        }
        return skipped;
    }
}

/// <summary>Keys of some rows: their columns in key order, and their hashes.</summary>
internal readonly struct KeyBatch(Column[] columns, ulong[] hashes, ulong[]? skipped)
{
    public Column[] Columns { get; } = columns;

    public ulong[] Hashes { get; } = hashes;

    /// <summary>Whether the row's key has a null and therefore equals no other.</summary>
    public bool IsSkipped(int row) => skipped is not null && (skipped[row >> 6] & (1UL << (row & 63))) != 0;
}
