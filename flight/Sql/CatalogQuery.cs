using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Sessions;

namespace VecSQL.Flight.Sql;

/// <summary>What there is, by a query over the system catalogs whose columns are the schema's.</summary>
/// <param name="parameters">Texts or nulls, for the query's parameters.</param>
/// <param name="lastIsTableSchema">The schema has one column more than the query: the Arrow schema of the table that the row names by its
/// second and third column.</param>
internal sealed class CatalogQuery(ArrowSchema schema, string sql, IReadOnlyList<string?> parameters, bool lastIsTableSchema = false)
    : MetadataCommand(schema)
{
    private const uint TextOid = 25;

    protected override async IAsyncEnumerable<(ArrowArray[] Columns, int RowCount)> RowsAsync(
        ISqlSession session, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (ColumnBatch batch in await ReadAsync(session, cancellation).ConfigureAwait(false))
        {
            ArrowArray[] columns = new ArrowArray[Schema.Fields.Count];
            for (int i = 0; i < batch.Columns.Length; i++)
                columns[i] = ArrayOf(batch[i], Schema.Fields[i].Type);
            if (lastIsTableSchema)
                columns[^1] = ColumnArrays.ToArray(await TableSchemasAsync(session, batch, cancellation).ConfigureAwait(false), Schema.Fields[^1].Type);
            yield return (columns, batch.RowCount);
        }
    }

    /// <summary>All rows: statements for tables' schemas come between.</summary>
    private async ValueTask<List<ColumnBatch>> ReadAsync(ISqlSession session, CancellationToken cancellation)
    {
        ImmutableArray<uint> types = [.. parameters.Select(static _ => TextOid)];
        Column[] values = [.. parameters.Select(static text => text is null
            ? Column.Nulls(PhysicalType.Binary, 1)
            : BinaryColumn.Constant(Encoding.UTF8.GetBytes(text), 1))];
        List<ColumnBatch> batches = [];
        IStatementResult result = await session.BeginAsync(sql, types, values, cancellation).ConfigureAwait(false);
        await using (result.ConfigureAwait(false))
        {
            while (await result.NextAsync(0, cancellation).ConfigureAwait(false) is { } batch)
                batches.Add(batch);
        }
        return batches;
    }

    private static ArrowArray ArrayOf(Column column, ArrowType type)
    {
        if (type.Kind != ArrowTypeKind.UInt8)
            return ColumnArrays.ToArray(column, type);
        FixedColumn<short> values = (FixedColumn<short>)column;
        byte[] bytes = new byte[column.Length];
        for (int row = 0; row < bytes.Length; row++)
            bytes[row] = (byte)values[row];
        return new ArrowArray(type, bytes.Length, 0, [default, ColumnBuffer.Wrap(bytes)]);
    }

    private static async ValueTask<Column> TableSchemasAsync(ISqlSession session, ColumnBatch batch, CancellationToken cancellation)
    {
        BinaryColumnBuilder schemas = new(batch.RowCount);
        for (int row = 0; row < batch.RowCount; row++)
        {
            string table = $"SELECT * FROM {Quoted(batch[1], row)}.{Quoted(batch[2], row)}";
            PreparedStatementInfo info = await session.PrepareAsync("", table, [], cancellation).ConfigureAwait(false);
            schemas.Append(SchemaBytes.Of(info.Columns ?? [], session.Format).Span);
        }
        return schemas.Build();
    }

    private static string Quoted(Column names, int row) =>
        "\"" + Encoding.UTF8.GetString(((BinaryColumn)names)[row]).Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
