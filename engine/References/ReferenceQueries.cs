using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Parser;

namespace VecSQL.Engine.References;

/// <summary>What is done to all rows that refer to some keys, as one statement for all the keys.</summary>
internal sealed class ReferenceQueries(SessionState session)
{
    // By constraint; a session's statements go round few of them.
    private const int CachedMax = 256;

    private readonly Dictionary<(uint Constraint, Job Job, bool IsSingle), (TableEntry Table, PlannedQuery Query)> _plans = [];

    private enum Job : byte { Find, Delete, Update, SetNull, SetDefault, SetNullOnDelete, SetDefaultOnDelete }

    /// <summary>The number of the first key that a row refers to; null for none. Waits for those who are deleting such a row.</summary>
    internal async ValueTask<int?> FindAsync(
        TableEntry table, ForeignKeyEntry key, TableEntry referenced, ColumnBatch keys, CancellationToken cancellation)
    {
        if (keys.RowCount > 1 && !CanBeElements(key, referenced))
            return await FindOneByOneAsync(table, key, referenced, keys, cancellation);
        (PlannedQuery query, Column[] parameters) = Prepare(Job.Find, table, key, referenced, keys, null);
        await using QueryWork work = await QueryWork.OpenAsync(session, query, parameters, cancellation);
        return await work.NextAsync(cancellation) is { } first ? (int)((FixedColumn<long>)first.Columns[0].Expand())[0] - 1 : null;
    }

    private async ValueTask<int?> FindOneByOneAsync(
        TableEntry table, ForeignKeyEntry key, TableEntry referenced, ColumnBatch keys, CancellationToken cancellation)
    {
        for (int row = 0; row < keys.RowCount; row++)
        {
            if (await FindAsync(table, key, referenced, keys.Slice(row, 1), cancellation) is not null)
                return row;
        }
        return null;
    }

    /// <summary>Deletes the rows that refer to the keys, or sets what they refer by.</summary>
    /// <param name="changed">CASCADE of an update: the keys as they are now.</param>
    /// <param name="isDelete">The keys' rows were deleted, rather than updated.</param>
    internal async ValueTask ActAsync(
        ReferenceAction action, bool isDelete, TableEntry table, ForeignKeyEntry key, TableEntry referenced, ColumnBatch keys,
        ColumnBatch? changed, CancellationToken cancellation)
    {
        if (keys.RowCount > 1 && !CanBeElements(key, referenced))
        {
            for (int row = 0; row < keys.RowCount; row++)
            {
                await ActAsync(action, isDelete, table, key, referenced, keys.Slice(row, 1), changed?.Slice(row, 1), cancellation);
            }
            return;
        }
        Job job = action switch
        {
            ReferenceAction.Cascade when isDelete => Job.Delete,
            ReferenceAction.Cascade => Job.Update,
            ReferenceAction.SetNull => isDelete ? Job.SetNullOnDelete : Job.SetNull,
            _ => isDelete ? Job.SetDefaultOnDelete : Job.SetDefault,
        };
        (PlannedQuery query, Column[] parameters) = Prepare(job, table, key, referenced, keys, changed);
        await using QueryWork work = await QueryWork.OpenAsync(session, query, parameters, cancellation, checksReferences: false);
        while (await work.NextAsync(cancellation) is not null)
        {
        }
    }

    /// <summary>Whether keys fit into arrays: arrays of arrays lose their borders.</summary>
    private static bool CanBeElements(ForeignKeyEntry key, TableEntry referenced) =>
        key.ReferencedColumns.All(number => ArrayTypeOf(referenced.Column(number).Type.Oid) != 0);

    private (PlannedQuery Query, Column[] Parameters) Prepare(
        Job job, TableEntry table, ForeignKeyEntry key, TableEntry referenced, ColumnBatch keys, ColumnBatch? changed)
    {
        bool isSingle = keys.RowCount == 1;
        uint[] types = [.. key.ReferencedColumns.Select(number => referenced.Column(number).Type.Oid)];
        Column[] columns = [.. keys.Columns, .. changed?.Columns ?? []];
        Column[] parameters =
        [
            .. columns.Select((column, i) => isSingle ? column.Expand() : ArrayOf(types[i % types.Length], column)),
        ];
        (uint, Job, bool) name = (key.Oid, job, isSingle);
        if (_plans.TryGetValue(name, out (TableEntry Table, PlannedQuery Query) known) && ReferenceEquals(known.Table, table))
            return (known.Query, parameters);
        if (_plans.Count >= CachedMax)
            _plans.Clear();
        ImmutableArray<SqlType> declared =
        [
            .. columns.Select((_, i) => new SqlType(isSingle ? types[i % types.Length] : ArrayTypeOf(types[i % types.Length]))),
        ];
        PlannedQuery query = new(SqlParser.Parse(Sql(job, table, key, isSingle))[0], declared);
        _plans[name] = (table, query);
        return (query, parameters);
    }

    private string Sql(Job job, TableEntry table, ForeignKeyEntry key, bool isSingle)
    {
        int count = key.Columns.Length;
        string name = TableValidation.Name(session, table);
        string Value(int i) => isSingle ? $"${i + 1}" : $"k.k{i + 1}";
        string where = string.Join(" AND ", key.Columns.Select((number, i) => $"c.{Column(table, number)} = {Value(i)}"));
        int values = job == Job.Update ? 2 * count : count;
        string list = string.Join(", ", Enumerable.Range(1, values).Select(i => $"${i}"));
        string names = string.Join(", ", Enumerable.Range(1, values).Select(i => $"k{i}"));
        string keys = isSingle ? "" : $"pg_catalog.unnest({list}) WITH ORDINALITY AS k({names}, i)";
        if (job == Job.Find)
        {
            return isSingle
                ? $"SELECT 1::bigint FROM {name} c WHERE {where} LIMIT 1 FOR KEY SHARE OF c"
                : $"SELECT k.i FROM {name} c, {keys} WHERE {where} ORDER BY k.i LIMIT 1 FOR KEY SHARE OF c";
        }
        if (job == Job.Delete)
            return $"DELETE FROM {name} c {(isSingle ? "" : "USING " + keys)} WHERE {where}";
        bool isSome = job is Job.SetNullOnDelete or Job.SetDefaultOnDelete && !key.SetColumns.IsEmpty;
        string constant = job is Job.SetNull or Job.SetNullOnDelete ? "NULL" : "DEFAULT";
        IEnumerable<string> sets = isSome
            ? key.SetColumns.Select(number => $"{Column(table, number)} = {constant}")
            : key.Columns.Select((number, i) =>
                $"{Column(table, number)} = {(job == Job.Update ? Value(count + i) : constant)}");
        return $"UPDATE {name} c SET {string.Join(", ", sets)} {(isSingle ? "" : "FROM " + keys)} WHERE {where}";
    }

    private static string Column(TableEntry table, short number) => TableValidation.Quote(table.Column(number).Name);

    private static Column ArrayOf(uint type, Column elements)
    {
        BinaryColumnBuilder array = new();
        ArrayBuilder.Append(array, type, elements.Expand());
        return array.Build();
    }

    private static uint ArrayTypeOf(uint type) => BuiltinTypes.ArrayOf(type);
}
