using VecSQL.Bench.EndToEnd;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Engine.Sessions;

namespace VecSQL.Bench.Allocations;

/// <summary>What a client does over and over: a prepared statement with its parameters.</summary>
/// <param name="Parameters">The values of the nth execution.</param>
internal sealed record Operation(string Name, string Sql, uint[] ParameterTypes, Func<int, Column[]> Parameters)
{
    private static readonly Column Query = BinaryColumn.Constant(new byte[VectorRows.Dimensions * sizeof(float)], 1);

    internal static readonly Operation[] All =
    [
        new("knn", "SELECT id FROM vectors ORDER BY v <-> $1 LIMIT 10", [TypeOid.Vector], _ => [Query]),
        new("knn-filtered", "SELECT id FROM vectors WHERE id <> 7 ORDER BY v <-> $1 LIMIT 10", [TypeOid.Vector], _ => [Query]),
        new("key-lookup", "SELECT b FROM keys WHERE a = $1", [TypeOid.Int8], n => [Long(n % 1000)]),
        new("insert", "INSERT INTO inserts VALUES ($1, 'a name', 1.5)", [TypeOid.Int8], n => [Long(n)]),
        new("update", "UPDATE keys SET b = 'other' WHERE a = $1", [TypeOid.Int8], n => [Long(n % 1000)]),
        new("constant", "SELECT $1", [TypeOid.Int8], n => [Long(n)]),
    ];

    private static FixedColumn<long> Long(long value) => FixedColumn<long>.Constant(value, 1);

    internal ValueTask<PreparedStatementInfo> PrepareAsync(ISqlSession session) =>
        session.PrepareAsync(Name, Sql, [.. ParameterTypes], default);

    /// <summary>Executes it as the wire does: binds, reads all rows, ends.</summary>
    internal async ValueTask ExecuteAsync(ISqlSession session, int number)
    {
        await using (IStatementResult portal = await session.BindAsync("", Name, Parameters(number), default))
        {
            while (await portal.NextAsync(0, default) is not null)
            {
            }
        }
        await session.EndScriptAsync(failed: false, default);
    }
}
