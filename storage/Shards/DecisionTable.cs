using System.Diagnostics.CodeAnalysis;
using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Shards;

/// <summary>A table that every engine has and no catalog: which transactions over several engines this one has decided to commit.</summary>
/// <remarks>
/// The first of those that take part in a transaction does not prepare it: it commits, with a row here that names the transaction, once the
/// others are prepared. The row is there or not, and its commit's timestamp is the transaction's. It goes when all others have committed.
/// </remarks>
internal static class DecisionTable
{
    private const uint TableOid = 13599;

    public static TableEntry Entry { get; } = new(TableOid, CatalogSnapshot.VecsqlSchemaOid, "decisions")
    {
        Columns = [new ColumnEntry(1, "global_id", SqlType.Text) { IsNotNull = true }],
    };

    public static TableId Id => Entry.Id;

    public static ColumnBatch Row(string globalId) => new([BinaryColumn.Constant(Encoding.UTF8.GetBytes(globalId), 1).Expand()], 1);

    /// <summary>The table as the catalog has it, or this one.</summary>
    public static bool TryFindTable(CatalogSnapshot catalog, TableId id, [NotNullWhen(true)] out TableEntry? table)
    {
        table = id == Id ? Entry : null;
        return table is not null || catalog.TryFindTable(id, out table);
    }
}
