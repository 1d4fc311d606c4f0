using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Engine.Arrow;

/// <summary>How the values of a SQL type are shown in Arrow.</summary>
/// <remarks>The table of types is in docs/formats/arrow.md. Threads: a form has no state that changes.</remarks>
internal abstract class ArrowForm(ArrowType type)
{
    internal ArrowType Type => type;

    /// <summary>The name of the extension type; null for a plain one.</summary>
    internal virtual string? Extension => null;

    /// <summary>Whether segments keep the values in the very same form, so that they can be sent as they lie.</summary>
    internal virtual bool IsAsStored => false;

    /// <summary>Whether compression may pay: not for vectors, whose bits hardly shrink.</summary>
    internal virtual bool IsCompressed => true;

    /// <param name="column">Of the SQL type's physical type.</param>
    /// <exception cref="Core.Errors.SqlException">A value has no Arrow form.</exception>
    internal abstract ArrowArray Encode(Column column);

    /// <summary>How many bytes <see cref="Encode"/> makes of the column at most, but for some a buffer and for dictionaries: what batches are filled by.</summary>
    /// <remarks>A bound and not the size: found in a fraction of the time that encoding takes, and so close that batches come near what was asked for. It
    /// is as many as the column has, unless the form is another.</remarks>
    internal virtual long BytesOf(Column column)
    {
        long validity = column.HasNulls ? column.Length / 8 : 0;
        return validity + (column.Type switch
        {
            PhysicalType.Bool => column.Length / 8,
            PhysicalType.Int16 => column.Length * 2L,
            PhysicalType.Int32 or PhysicalType.Float32 => column.Length * 4L,
            PhysicalType.Fixed16 => column.Length * 16L,
            PhysicalType.Binary => BytesOf((BinaryColumn)column),
            _ => column.Length * 8L,
        });
    }

    /// <summary>How many of the rows are null, and the validity as Arrow has it.</summary>
    private protected static (int NullCount, ColumnBuffer Validity) NullsOf(Column column)
    {
        int nullCount = column.HasNulls ? column.Length - column.Validity.CountSet() : 0;
        return (nullCount, nullCount == 0 ? default : ColumnArrays.Bits(column.Validity));
    }

    private static long BytesOf(BinaryColumn column)
    {
        if (column.IsConstant)
            return column.Length * (4L + (column.HasNulls ? 0 : column[0].Length));
        long bytes = 4L * column.Length;
        foreach (int length in column.Lengths)
            bytes += length;
        return bytes;
    }
}
