using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;

namespace VecSQL.Storage.Tables;

/// <summary>What a transaction has written to one table since a savepoint: what is to be checked at a statement's end, or later.</summary>
/// <remarks>
/// Each reading tells of the writes up to its own moment. What was rolled back in between is not told of, and what was written since
/// then is.
/// </remarks>
public abstract class TableChanges
{
    public abstract TableId Table { get; }

    public abstract bool HasInserted { get; }

    public abstract bool HasDeleted { get; }

    /// <summary>What was written since the earlier of two savepoints, of which one may have been rolled back beyond.</summary>
    public abstract TableChanges With(TableChanges other);

    /// <summary>
    /// Columns of the rows that were inserted and are still there; in order, batch by batch. Of updates, only those that changed one of
    /// the columns of a row that was there before the transaction.
    /// </summary>
    public abstract IEnumerable<ColumnBatch> Inserted(TableEntry table, short[] columns);

    /// <summary>As <see cref="Inserted"/>, with the rows' ids behind the columns.</summary>
    public abstract IEnumerable<ColumnBatch> InsertedWithIds(TableEntry table, short[] columns);

    /// <summary>Columns of the rows that were deleted, by updates too.</summary>
    public abstract IEnumerable<ColumnBatch> Deleted(TableEntry table, short[] columns);

    /// <summary>Columns of the rows that were deleted, other than by updates.</summary>
    public abstract IEnumerable<ColumnBatch> Removed(TableEntry table, short[] columns);

    /// <summary>Columns of the rows that updates changed in any of them: before, and after.</summary>
    public abstract IEnumerable<(ColumnBatch Before, ColumnBatch After)> Replaced(TableEntry table, short[] columns);
}
