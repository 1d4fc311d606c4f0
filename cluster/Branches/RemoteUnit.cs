using System.Runtime.InteropServices;
using VecSQL.Cluster.Protocol;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>A unit of a table at another node's shard: its rows come as a stream of batches.</summary>
internal sealed class RemoteUnit(RemoteView view, int number, int rows) : ScanUnit
{
    public override int RowCountMax => rows;

    public override UnitReader Open(ReadOnlySpan<short> columns, bool withRowId, IReadOnlyList<ZoneBound> zones)
    {
        ReadRequest request = new() { View = view.Number, Unit = number, WithRowId = withRowId, Table = view.Table.Oid };
        foreach (short column in columns)
            request.Columns.Add(column);
        foreach (ZoneBound zone in zones)
        {
            request.Zones.Add(new ZoneRecord
            {
                Column = zone.Column, Operator = zone.Operator, Value = RemoteBranch.Bytes(new ColumnBatch([zone.Value.Slice(0, 1)], 1)),
            });
        }
        return new RemoteReader(view.Branch, view.Shard, request);
    }

    /// <remarks>They are not here: they are read batch by batch.</remarks>
    public override VectorRuns? MapVectors(short column) => null;

    public override object? FindHome(out int start)
    {
        start = 0;
        return null;
    }

    public override Bitmap FindVisible()
    {
        CallRecord call = view.Call(BranchCallKind.FindVisible, []);
        call.Second = number;
        ReadOnlyMemory<byte> bits = view.Branch.Ask(call).Data.Memory;
        if (bits.IsEmpty)
            return default;
        ulong[] words = MemoryMarshal.Cast<byte, ulong>(bits.Span).ToArray();
        return words.Length == (rows + 63) / 64 ? new Bitmap(words, rows) : throw RemoteBranch.Wrong("bits of another unit");
    }

    public override ColumnBatch Slice(int start, int count, ReadOnlySpan<short> columns)
    {
        CallRecord call = view.Call(BranchCallKind.Slice, columns);
        call.Second = number;
        call.Rows.Add(start);
        call.Rows.Add(count);
        return RemoteBranch.Rows(view.Branch.Ask(call).Batch);
    }

    public override ColumnBatch Gather(ReadOnlySpan<int> positions, ReadOnlySpan<short> columns, bool withRowId)
    {
        CallRecord call = view.Call(BranchCallKind.Gather, columns);
        (call.Second, call.Flag) = (number, withRowId);
        foreach (int position in positions)
            call.Rows.Add(position);
        return RemoteBranch.Rows(view.Branch.Ask(call).Batch);
    }
}
