using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Waiting, sizes in words, names looked up, and what is never so on this server.</summary>
internal static class ServerFunctions
{
    public static void Define(FunctionTable table)
    {
        table.Binary("pg_sleep_for", static (in Row row, BinaryColumnBuilder target) =>
            Sleep((double)row.Interval(0).Span / Calendar.MicrosecondsPerSecond, row.Context, target));
        table.Binary("pg_sleep_until", static (in Row row, BinaryColumnBuilder target) =>
            Sleep((row.Int8(0) - row.Context.Session.ClockTime) / (double)Calendar.MicrosecondsPerSecond, row.Context,
                target));
        table.Fixed("pg_size_bytes", static (in Row row) => ByteSizes.Parse(row.Text(0)));
        table.Fixed("text_regclass", static (in Row row) => (long)(
            row.Context.Session.CatalogFunctions.ResolveName("regclass", row.Text(0))
            ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{row.Text(0)}\" does not exist")));
        table.Nullable<long>("to_regcollation", static (in Row row) =>
            row.Context.Session.CatalogFunctions.ResolveName("regcollation", row.Text(0)));
        table.Fixed("pg_current_xact_id_if_assigned", static (in Row row) => row.Context.Session.TransactionId);
        table.Fixed("pg_trigger_depth", static (in Row _) => 0);
        table.Binary("pg_blocking_pids", static (in Row _, BinaryColumnBuilder target) =>
            new ArrayBuilder(TypeOid.Int4).AppendTo(target));
    }

    /// <summary>Waits; for less than nothing, or NaN, not at all.</summary>
    internal static void Sleep(double seconds, EvaluationContext context, BinaryColumnBuilder target)
    {
        if (seconds > 0)
        {
            context.Cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue / 1000)));
            context.Cancellation.ThrowIfCancellationRequested();
        }
        target.Append([]); // void
    }
}
