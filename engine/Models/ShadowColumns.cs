using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Statements;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Models;

/// <summary>Shadows: hidden columns that are computed by another model, and take the place of a column when all of their vectors are there.</summary>
/// <remarks>
/// Statements compute a shadow as they compute any generated column, so that what is written meanwhile has both vectors; the rows from before
/// are filled by <see cref="EmbeddingWorker"/>. Indexes on the column get one on the shadow each, built before the change. The change itself is one of
/// the catalog: the shadow gets the column's name and place, and the column is no more. It waits until nobody can read at a moment when the shadow
/// was not full, so that no query sees some rows' vectors without others'. All that is kept is in the catalog: after a crash the work goes on.
/// </remarks>
internal static class ShadowColumns
{
    /// <summary>Whether a shadow can take the column's place: nothing else is computed from the column, and no key is made of it.</summary>
    internal static bool CanStandFor(TableEntry table, ColumnEntry column) => table.Indexes.All(index =>
        !IndexColumns.MentionsInSql(index, column) && !(index.IsUnique && IndexColumns.Mentions(index, column)));

    /// <exception cref="SqlException">55006: a column of the table has a shadow, which takes the table as it is.</exception>
    internal static void Refuse(TableEntry table)
    {
        if (table.Columns.FirstOrDefault(static column => column.ShadowOf > 0) is not { } shadow)
            return;
        throw new SqlException(SqlState.ObjectInUse,
            $"cannot alter table \"{table.Name}\" because its column \"{table.Column(shadow.ShadowOf).Name}\" is being embedded by another model",
            hint: "Wait until it is done, as vecsql.embedding_jobs says, or take it back by SET MODEL with the column's model.");
    }

    /// <returns>The shadow's number.</returns>
    /// <param name="after">The column as the shadow makes it.</param>
    internal static async ValueTask<short> AddAsync(
        Database database, uint home, TableEntry table, ColumnEntry column, ColumnEntry after, CancellationToken cancellation)
    {
        await using ITransaction storage = database.Storage.Begin(IsolationLevel.ReadCommitted, database: home);
        TableEntry now = await LockAsync(storage, table.Id, TableLockMode.AccessExclusive, cancellation)
            ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{table.Name}\" does not exist");
        Refuse(now);
        if (now.Column(column.Number) != column)
            throw new SqlException(SqlState.ObjectInUse, $"column \"{column.Name}\" of relation \"{table.Name}\" was changed by somebody else");
        short number = checked((short)(now.Columns.Length + 1));
        ColumnEntry shadow = after with
        {
            Number = number, Name = $"........vecsql.shadow.{number}........", IsHidden = true, IsNotNull = false, ShadowOf = column.Number,
            MissingValue = null, Comment = null,
        };
        storage.Change(new PutObject(now with { Columns = now.Columns.Add(shadow) }));
        await storage.CommitAsync(isDurable: true, cancellation);
        database.Embedding.Wake();
        return number;
    }

    /// <summary>Takes a shadow back; nothing where it is none any more.</summary>
    internal static async ValueTask DropAsync(
        Database database, uint home, TableId table, short number, CancellationToken cancellation)
    {
        await using ITransaction storage = database.Storage.Begin(IsolationLevel.ReadCommitted, database: home);
        if (await LockAsync(storage, table, TableLockMode.AccessExclusive, cancellation) is not { } now || now.Column(number).ShadowOf == 0)
            return;
        TableEntry without = TableColumns.With(now, IndexColumns.Dropped(now.Column(number))) with
        {
            Indexes = now.Indexes.RemoveAll(index => index.Columns.Contains(number)),
        };
        storage.Change(new PutObject(without));
        await storage.CommitAsync(isDurable: true, cancellation);
        database.Embedding.Wake();
    }

    /// <summary>Builds an index on the shadow for each that the column has.</summary>
    internal static async ValueTask IndexAsync(Database database, uint home, TableId table, short number, CancellationToken cancellation)
    {
        await using ITransaction storage = database.Storage.Begin(IsolationLevel.ReadCommitted, database: home);
        if (await LockAsync(storage, table, TableLockMode.ShareUpdateExclusive, cancellation) is not { } now || now.Column(number).ShadowOf == 0)
            return;
        short old = now.Column(number).ShadowOf;
        IndexEntry[] lacking = [.. now.Indexes.Where(index => Needs(now, index, old))];
        if (lacking.Length > 0)
        {
            now = now with { Indexes = now.Indexes.AddRange(lacking.Select(index => Twin(database, index, old, number))) };
            storage.Change(new PutObject(now));
            await storage.CommitAsync(isDurable: true, cancellation);
        }
        foreach (IndexEntry index in now.Indexes.Where(index => index.Columns.Contains(number)))
        {
            if (SegmentIndexDefinition.Of(now, index) is { } definition)
                await database.Storage.BuildIndexAsync(table, definition, cancellation);
        }
    }

    /// <summary>The table with the shadow in the column's place; null where an index is still to be built.</summary>
    /// <exception cref="SqlException">55006: since the shadow was made something else is computed from the column.</exception>
    internal static TableEntry? Changed(TableEntry table, ColumnEntry shadow)
    {
        ColumnEntry column = table.Column(shadow.ShadowOf);
        if (!CanStandFor(table, column))
            throw new SqlException(SqlState.ObjectInUse, $"an index of relation \"{table.Name}\" is computed from column \"{column.Name}\"");
        if (table.Indexes.Any(index => Needs(table, index, column.Number)))
            return null;
        ColumnEntry taken = column with
        {
            Number = shadow.Number, DefaultSql = shadow.DefaultSql, Model = shadow.Model, Statistics = null, MissingValue = null,
        };
        var indexes = ImmutableArray.CreateBuilder<IndexEntry>();
        foreach (IndexEntry index in table.Indexes.Where(index => !index.Columns.Contains(shadow.Number)))
        {
            IndexEntry? twin = table.Indexes.FirstOrDefault(other => other.Replaces == index.Oid);
            indexes.Add(twin is null
                ? index with { Columns = Renumbered(index.Columns, column.Number, shadow.Number), Include = Renumbered(index.Include, column.Number, shadow.Number) }
                : twin with { Name = index.Name, Comment = index.Comment, IsClustered = index.IsClustered, Replaces = 0 });
        }
        return table with
        {
            Columns = table.Columns.SetItem(table.PlaceOf(column.Number) - 1, taken)
                .SetItem(table.PlaceOf(shadow.Number) - 1, IndexColumns.Dropped(column)),
            Indexes = indexes.ToImmutable(),
        };
    }

    private static async ValueTask<TableEntry?> LockAsync(ITransaction storage, TableId table, TableLockMode mode, CancellationToken cancellation)
    {
        storage.BeginStatement();
        await storage.LockTableAsync(table, mode, LockWaitPolicy.Block, cancellation);
        storage.BeginStatement();
        return storage.Catalog.TryFindTable(table, out TableEntry? now) ? now : null;
    }

    private static bool Needs(TableEntry table, IndexEntry index, short column) => index.Columns.Contains(column)
        && SegmentIndexDefinition.Of(table, index) is not null && table.Indexes.All(other => other.Replaces != index.Oid);

    private static IndexEntry Twin(Database database, IndexEntry index, short column, short shadow)
    {
        uint oid = database.Storage.NextOid();
        return index with
        {
            Oid = oid, Name = $"........vecsql.shadow.{oid}........", Columns = Renumbered(index.Columns, column, shadow), Replaces = index.Oid,
        };
    }

    private static ImmutableArray<short> Renumbered(ImmutableArray<short> numbers, short from, short to) =>
        [.. numbers.Select(number => number == from ? to : number)];
}
