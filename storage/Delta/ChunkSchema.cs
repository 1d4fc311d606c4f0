using System.Runtime.CompilerServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Delta;

/// <param name="StrideBytes">Bytes of every value of a vector or halfvec of known dimensions; else 0.</param>
internal readonly record struct ChunkColumn(short Number, SqlType Type, PhysicalType Physical, int StrideBytes);

/// <summary>The live columns of a table at one time: what a chunk of rows consists of.</summary>
internal sealed class ChunkSchema
{
    private static readonly ConditionalWeakTable<TableEntry, ChunkSchema> Known = [];
    private readonly short[] _ordinals; // by column number − 1; −1 for none

    public ChunkSchema(ChunkColumn[] columns)
    {
        Columns = columns;
        short numberMax = 0;
        foreach (ChunkColumn column in columns)
            numberMax = Math.Max(numberMax, column.Number);
        _ordinals = new short[numberMax];
        Array.Fill(_ordinals, (short)-1);
        for (int i = 0; i < columns.Length; i++)
            _ordinals[columns[i].Number - 1] = (short)i;
    }

    public ChunkColumn[] Columns { get; }

    /// <summary>The schema of the table's live columns, in order.</summary>
    public static ChunkSchema Of(TableEntry table) => Known.GetValue(table, static key => Make(key));

    public static ChunkColumn Column(short number, SqlType type, PhysicalType physical) =>
        new(number, type, physical, StrideOf(type));

    /// <summary>The column's place in <see cref="Columns"/>; −1 where rows of this schema do not have it.</summary>
    public int OrdinalOf(short number) => number <= _ordinals.Length ? _ordinals[number - 1] : -1;

    /// <summary>Whether rows of the other schema have the same columns, of the same types, in the same order.</summary>
    public bool Matches(ChunkSchema other) =>
        ReferenceEquals(this, other) || Columns.AsSpan().SequenceEqual(other.Columns);

    private static ChunkSchema Make(TableEntry table)
    {
        List<ChunkColumn> columns = [];
        foreach (ColumnEntry column in table.StoredColumns)
            columns.Add(Column(column.Number, column.Type, BuiltinTypes.PhysicalOf(column.Type.Oid)));
        return new ChunkSchema([.. columns]);
    }

    private static int StrideOf(SqlType type) => type.Modifier <= 0 ? 0 : type.Oid switch
    {
        TypeOid.Vector => type.Modifier * sizeof(float),
        TypeOid.HalfVector => type.Modifier * sizeof(ushort),
        _ => 0,
    };
}
