using System.Diagnostics;
using System.Globalization;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Fragments;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>Hands out what comes of a fragment that runs elsewhere, once it is of the types that its plan says.</summary>
internal sealed class DistantOperator(IFragmentStream stream, FragmentPlan plan, StatementRun run, ShardId shard) : Operator
{
    private readonly PhysicalType[] _types = [.. plan.Output.Select(static type => BuiltinTypes.PhysicalOf(type.Oid))];
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _rows;
    private bool _isTold;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (await stream.NextAsync(cancellation).ConfigureAwait(false) is { } rows)
        {
            if (!rows.Columns.Select(static column => column.Type).SequenceEqual(_types))
                throw new SqlException(SqlState.InternalError, "a shard's node has answered a fragment of a plan with rows of other types");
            _rows += rows.RowCount;
            return rows;
        }
        Tell();
        return null;
    }

    public override ValueTask DisposeAsync() => stream.DisposeAsync();

    private void Tell()
    {
        if (_isTold || run.Meter(plan) is not { } meter)
            return;
        _isTold = true;
        if (!stream.Figures.IsEmpty)
            FigureBytes.Add(stream.Figures, plan.Plan, run);
        if (stream.Place.Length == 0)
            return;
        double ms = Stopwatch.GetElapsedTime(_start).TotalMilliseconds;
        string sent = stream.BytesSent > 0 ? string.Create(CultureInfo.InvariantCulture, $"{stream.BytesSent} bytes sent, ") : "";
        meter.Tell($"Task {shard}", string.Create(CultureInfo.InvariantCulture, $"{stream.Place}, {sent}{_rows} rows, {stream.BytesReceived} bytes, {ms:F3} ms"));
    }
}
