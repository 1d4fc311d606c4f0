using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Segments;

/// <summary>A column of a segment. Its number is the table column's and outlives renaming.</summary>
public sealed record SegmentColumn(short Number, string Name, SqlType Type, PhysicalType Physical);

/// <summary>A unique index whose keys a segment can be asked for.</summary>
/// <param name="Columns">Column numbers in key order.</param>
/// <param name="NullsNotDistinct">Whether rows with a null in the key are entered too.</param>
public sealed record SegmentKey(uint IndexOid, ImmutableArray<short> Columns, bool NullsNotDistinct);

/// <summary>What is in a segment: its table, its columns in order, and the unique keys it answers for.</summary>
public sealed record SegmentSchema(
    uint TableOid, ImmutableArray<SegmentColumn> Columns, ImmutableArray<SegmentKey> Keys)
{
    /// <summary>The live columns and unique indexes of a table as it is now.</summary>
    public static SegmentSchema Of(TableEntry table)
    {
        ImmutableArray<SegmentColumn>.Builder columns = ImmutableArray.CreateBuilder<SegmentColumn>();
        foreach (ColumnEntry column in table.StoredColumns)
        {
            // Foreign tools read columns by name, and an index's may be called as one of the user's.
            columns.Add(new SegmentColumn(column.Number, column.IsHidden ? $"index.{column.Number}" : column.Name,
                column.Type, BuiltinTypes.PhysicalOf(column.Type.Oid)));
        }
        ImmutableArray<SegmentKey>.Builder keys = ImmutableArray.CreateBuilder<SegmentKey>();
        foreach (IndexEntry index in table.Indexes)
        {
            if (index.IsUnique)
                keys.Add(new SegmentKey(index.Oid, index.Columns, index.NullsNotDistinct));
        }
        return new SegmentSchema(table.Oid, columns.ToImmutable(), keys.ToImmutable());
    }

    /// <summary>The column's place in <see cref="Columns"/>; −1 where the segment does not have it.</summary>
    public int OrdinalOf(short number)
    {
        for (int i = 0; i < Columns.Length; i++)
        {
            if (Columns[i].Number == number)
                return i;
        }
        return -1;
    }
}
