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

    /// <summary>How many of the rows are null, and the validity as Arrow has it.</summary>
    private protected static (int NullCount, ColumnBuffer Validity) NullsOf(Column column)
    {
        int nullCount = column.HasNulls ? column.Length - column.Validity.CountSet() : 0;
        return (nullCount, nullCount == 0 ? default : ColumnArrays.Bits(column.Validity));
    }
}
