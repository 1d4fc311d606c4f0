using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Storage.Locking;

namespace VecSQL.Executor.Functions.Families;

/// <summary>pg_advisory_lock and its kin.</summary>
internal static class AdvisoryLockFunctions
{
    public static void Define(FunctionTable table)
    {
        foreach (bool isShared in new[] { false, true })
        {
            string shared = isShared ? "_shared" : "";
            DefineLock(table, $"advisory_lock{shared}", isShared, forTransaction: false);
            DefineLock(table, $"advisory_xact_lock{shared}", isShared, forTransaction: true);
            foreach (string arguments in new[] { "int8", "int4" })
            {
                table.Bool($"pg_advisory_unlock{shared}_{arguments}", (in Row row) =>
                    row.Context.Session.ReturnAdvisoryLock(Key(in row), isShared));
            }
        }
        table.Binary("pg_advisory_unlock_all", static (in Row row, BinaryColumnBuilder target) =>
        {
            row.Context.Session.ReturnAdvisoryLocks();
            target.Append([]); // void
        });
    }

    private static void DefineLock(FunctionTable table, string name, bool isShared, bool forTransaction)
    {
        foreach (string arguments in new[] { "int8", "int4" })
        {
            table.Binary($"pg_{name}_{arguments}", (in Row row, BinaryColumnBuilder target) =>
            {
                row.Context.Session.TakeAdvisoryLock(Key(in row), isShared, forTransaction, waits: true, row.Context.Cancellation);
                target.Append([]); // void
            });
            table.Bool($"pg_try_{name}_{arguments}", (in Row row) =>
                row.Context.Session.TakeAdvisoryLock(Key(in row), isShared, forTransaction, waits: false, row.Context.Cancellation));
        }
    }

    private static AdvisoryKey Key(in Row row) =>
        row.Count > 1 ? AdvisoryKey.Of(row.Int4(0), row.Int4(1)) : AdvisoryKey.Of(row.Int8(0));
}
