using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Rows;

/// <summary>The columns that a function returns, as the fields of one record.</summary>
internal sealed class RecordColumns
{
    private readonly SqlType[] _types;
    private readonly byte[][] _names;

    private RecordColumns(SqlType[] types, byte[][] names) => (_types, _names) = (types, names);

    /// <summary>Null where the function does not return records.</summary>
    internal static RecordColumns? Of(CallExpression call)
    {
        if (call.Function.OutColumns.IsDefaultOrEmpty)
            return null;
        var types = new SqlType[call.Function.OutColumns.Length];
        byte[][] names = new byte[types.Length][];
        for (int i = 0; i < types.Length; i++)
        {
            (string name, uint type) = call.Function.OutColumns[i];
            types[i] = new SqlType(type == TypeOid.AnyElement ? BuiltinTypes.ElementOf(call.Arguments[0].Type.Oid) : type);
            names[i] = Encoding.UTF8.GetBytes(name);
        }
        return new RecordColumns(types, names);
    }

    internal void Append(BinaryColumnBuilder target, ColumnBatch batch, int row) =>
        RecordValue.Append(target, _types, _names, batch.Columns.AsSpan(0, _types.Length), row);
}
