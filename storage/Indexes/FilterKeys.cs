using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Cells;

namespace VecSQL.Storage.Indexes;

/// <summary>The numbers by which searches filter rows: in the values' order, or hashes where only equality is asked for.</summary>
/// <remarks>Stable: they are kept in the files of vector indexes, so a change here is a change of format.</remarks>
public sealed class FilterKeys(SqlType type, bool isHashed, int rowCount)
{
    private readonly long[] _keys = new long[rowCount];
    private readonly ulong[] _valid = Bitmap.Allocate(rowCount);
    private bool _hasNulls;

    /// <summary>Whether values of the type have keys.</summary>
    public static bool Exist(SqlType type) => ZoneKey.Exists(type);

    /// <summary>Whether equality is asked of hashes: of types with more values than there are keys in their order.</summary>
    public static bool AreHashed(SqlType type) =>
        type.Oid is TypeOid.Text or TypeOid.VarChar or TypeOid.Name or TypeOid.Bytea or TypeOid.Uuid;

    /// <summary>The keys of values; nulls get any.</summary>
    /// <param name="keys">As many as values.</param>
    public static void Write(SqlType type, Column values, bool isHashed, Span<long> keys)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (isHashed)
        {
            KeyHash.Compute([type], [values], MemoryMarshal.Cast<long, ulong>(keys));
            return;
        }
        values = values.Expand();
        if (values is FixedColumn<int> numbers)
        {
            for (int i = 0; i < keys.Length; i++)
                keys[i] = numbers.Values[i];
            return;
        }
        for (int i = 0; i < keys.Length; i++)
            keys[i] = !values.IsNull(i) && ZoneKey.TryGet(type, values, i, out long key) ? key : 0;
    }

    /// <summary>Adds the rows from a position on.</summary>
    public void Add(int first, Column values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Write(type, values, isHashed, _keys.AsSpan(first, values.Length));
        for (int row = 0; row < values.Length; row++)
        {
            if (values.IsNull(row))
                _hasNulls = true;
            else
                Bitmap.Set(_valid, first + row);
        }
    }

    /// <summary>The keys of an index's rows.</summary>
    public CellKeys Build(CellIndex index) => CellKeys.Make(index, _keys, _hasNulls ? _valid : []);

    /// <summary>The keys that equality and ranges of a segment's column are asked of; null where its type has none, or the segment has not
    /// the column.</summary>
    internal static CellKeys? Of(SegmentReader segment, short column, CellIndex index, CancellationToken cancellation)
    {
        if (!segment.HasColumn(column) || segment.Schema.Columns[segment.Schema.OrdinalOf(column)].Type is var type && !Exist(type))
            return null;
        FilterKeys keys = new(type, AreHashed(type), segment.Info.RowCount);
        for (int batch = 0; batch < segment.BatchCount; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            keys.Add(segment.BatchStart(batch), segment.ReadColumn(batch, column));
        }
        return keys.Build(index);
    }
}
