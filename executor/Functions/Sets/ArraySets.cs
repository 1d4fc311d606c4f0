using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>unnest: an array's elements as rows.</summary>
internal sealed class Unnest(uint element) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        Column elements = arguments[0].IsNull(0)
            ? Column.Nulls(Columns.PhysicalOf(new SqlType(element)), 0)
            : new ArrayValue(((BinaryColumn)arguments[0])[0]).ToColumn();
        return SetBatches.Split([elements], elements.Length);
    }
}

/// <summary>information_schema._pg_expandarray: elements, and their places counted from 1.</summary>
internal sealed class ExpandArray(uint element) : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        Column elements = arguments[0].IsNull(0)
            ? Column.Nulls(Columns.PhysicalOf(new SqlType(element)), 0)
            : new ArrayValue(((BinaryColumn)arguments[0])[0]).ToColumn();
        int[] places = [.. Enumerable.Range(1, elements.Length)];
        return SetBatches.Split([elements, new FixedColumn<int>(places)], elements.Length);
    }
}

/// <summary>generate_subscripts(array, dimension [, reverse]).</summary>
internal sealed class Subscripts : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        var array = new ArrayValue(((BinaryColumn)arguments[0])[0]);
        int dimension = ((FixedColumn<int>)arguments[1])[0] - 1;
        if (dimension < 0 || dimension >= array.Dimensions)
            return [];
        int[] subscripts = [.. Enumerable.Range(array.LowerBound(dimension), array.Length(dimension))];
        if (arguments.Length > 2 && ((BoolColumn)arguments[2])[0])
            Array.Reverse(subscripts);
        return SetBatches.Split([new FixedColumn<int>(subscripts)], subscripts.Length);
    }
}

/// <summary>Columns of any length in batches.</summary>
internal static class SetBatches
{
    public static IEnumerable<ColumnBatch> Split(Column[] columns, int rowCount)
    {
        var whole = new ColumnBatch(columns, rowCount);
        for (int start = 0; start < rowCount; start += ColumnBatch.RowsMax)
            yield return whole.Slice(start, Math.Min(ColumnBatch.RowsMax, rowCount - start));
    }

    /// <summary>Texts as rows of one column.</summary>
    public static IEnumerable<ColumnBatch> OfTexts(IReadOnlyCollection<string?> texts)
    {
        var builder = new BinaryColumnBuilder(Math.Max(1, texts.Count));
        foreach (string? text in texts)
        {
            if (text is null)
                builder.AppendNull();
            else
                builder.Append(text);
        }
        return Split([builder.Build()], texts.Count);
    }
}
