using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Introspection;

/// <summary>Computes the rows of one system relation.</summary>
internal abstract class RowSource(string relation)
{
    /// <summary>The relation's name: pg_class, information_schema.tables.</summary>
    internal string Relation => relation;

    internal abstract IEnumerable<ColumnBatch> Rows(
        TableEntry table, ViewContext context, ReadOnlyMemory<short> columns, RowFilter filter);

    /// <summary>The names that the relation does not have: a mistake in the table of rows, which a test looks for.</summary>
    internal abstract IEnumerable<string> UnknownColumns(TableEntry table);
}

/// <summary>Rows made of items, one a row; each column is a function of the item. A column without one has its type's empty value.</summary>
internal sealed class RowSource<T>(string relation, Func<ViewContext, IEnumerable<T>> items) : RowSource(relation)
{
    /// <summary>The number of xmin. What made an object is not kept, and each may have changed just now: so clients that read what is newer
    /// than what they have read, read all.</summary>
    private const short RowVersion = -1;

    private readonly Dictionary<string, Func<ViewContext, T, object?>> _columns = new(StringComparer.Ordinal);

    internal RowSource<T> With(string column, Func<T, object?> value)
    {
        _columns.Add(column, (_, item) => value(item));
        return this;
    }

    internal RowSource<T> With(string column, Func<ViewContext, T, object?> value)
    {
        _columns.Add(column, value);
        return this;
    }

    /// <summary>The same value in all rows.</summary>
    internal RowSource<T> WithAll(string column, object? value) => With(column, _ => value);

    internal override IEnumerable<ColumnBatch> Rows(
        TableEntry table, ViewContext context, ReadOnlyMemory<short> columns, RowFilter filter)
    {
        Cell[] cells = [.. columns.ToArray().Select(number => CellOf(table, number))];
        Cell[] tested = [.. filter.Columns.Select(number => CellOf(table, number))];
        SystemRowBuilder rows = new(cells.Select(cell => cell.Type), context.Catalog.HasMarked ? context.Session.Catalogs : null);
        foreach (T item in items(context))
        {
            if (!Passes(context, item, tested, filter))
                continue;
            for (int i = 0; i < cells.Length; i++)
                rows.Append(i, cells[i].Value(context, item));
            if (rows.EndRow() is { } full)
                yield return full;
        }
        if (rows.Finish() is { } last)
            yield return last;
    }

    internal override IEnumerable<string> UnknownColumns(TableEntry table) =>
        _columns.Keys.Where(name => !table.Columns.Any(column => column.Name == name));

    private static bool Passes(ViewContext context, T item, Cell[] tested, RowFilter filter)
    {
        for (int i = 0; i < tested.Length; i++)
        {
            if (!filter.Passes(i, tested[i].Value(context, item)))
                return false;
        }
        return true;
    }

    private Cell CellOf(TableEntry table, short number)
    {
        if (number == 0)
            return new Cell(Catalog.Types.TypeOid.Oid, (_, _) => table.Oid);
        if (number == RowVersion)
            return new Cell(Catalog.Types.TypeOid.Xid, (context, _) => context.Session.Transaction.Storage.Id.Value);
        if (number < 0 || number > table.Columns.Length)
            throw new InvariantException($"{table.Name} has no column {number}");
        ColumnEntry column = table.Column(number);
        if (_columns.TryGetValue(column.Name, out Func<ViewContext, T, object?>? value))
            return new Cell(column.Type.Oid, value);
        object? empty = column.IsNotNull ? SystemRowBuilder.EmptyOf(column.Type.Oid) : null;
        return new Cell(column.Type.Oid, (_, _) => empty);
    }

    private readonly record struct Cell(uint Type, Func<ViewContext, T, object?> Value);
}
