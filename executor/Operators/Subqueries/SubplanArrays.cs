using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>ARRAY(subquery): the values of one column as an array; of arrays, as an array of one dimension more.</summary>
internal static class SubplanArrays
{
    internal static Column Make(List<ColumnBatch> batches, SqlType array, SqlType element)
    {
        var target = new BinaryColumnBuilder(1);
        if (BuiltinTypes.TryFind(element.Oid, out TypeEntry? entry) && entry.IsArray)
            Nested(batches, entry.ElementOid, target);
        else
            Flat(batches, BuiltinTypes.ElementOf(array.Oid), target);
        return target.Build().Broadcast(0, 1);
    }

    private static void Flat(List<ColumnBatch> batches, uint elementOid, BinaryColumnBuilder target)
    {
        var elements = new ArrayBuilder(elementOid);
        foreach (ColumnBatch batch in batches)
            elements.Elements.AppendAll(batch.Columns[0]);
        elements.AppendTo(target);
    }

    private static void Nested(List<ColumnBatch> batches, uint elementOid, BinaryColumnBuilder target)
    {
        var nesting = new ArrayNesting(elementOid);
        foreach (ColumnBatch batch in batches)
        {
            for (int row = 0; row < batch.RowCount; row++)
                nesting.Add(batch.Columns[0], row);
        }
        nesting.AppendTo(target);
    }
}
