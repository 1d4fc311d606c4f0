using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Gathers, while a segment is written, what its sidecar says of it: bounds, zones, places and
/// checksums.</summary>
internal sealed class SegmentSummary(SegmentSchema schema)
{
    private readonly ByteWriter _batches = new(), _zones = new();
    private readonly ByteWriter?[] _blocks = new ByteWriter?[schema.Columns.Length]; // of columns used in place
    private uint _headChecksum, _tailChecksum;
    private bool _isInEnvelope = true;

    internal int RowCount { get; private set; }

    internal long MinRowId { get; private set; }

    internal long MaxRowId { get; private set; }

    internal long MinCommit { get; private set; }

    internal long MaxCommit { get; private set; }

    /// <summary>Where the last batch of the Arrow file ends.</summary>
    internal long TailOffset { get; set; } = -1;

    /// <summary>Sees all that is written into the Arrow file; counts what is before the first batch and after the
    /// last.</summary>
    internal void CountEnvelope(ReadOnlySpan<byte> bytes)
    {
        if (TailOffset >= 0)
            _tailChecksum = Checksum.Crc32C(bytes, _tailChecksum);
        else if (_isInEnvelope)
            _headChecksum = Checksum.Crc32C(bytes, _headChecksum);
    }

    /// <summary>The first batch begins.</summary>
    internal void EndEnvelope() => _isInEnvelope = false;

    internal void Add(ColumnBatch rows, ReadOnlySpan<long> rowIds, ReadOnlySpan<long> commits, WrittenBatch written)
    {
        long before = RowCount == 0 ? long.MinValue : MaxRowId;
        foreach (long rowId in rowIds)
        {
            Invariant.Holds(rowId > before);
            before = rowId;
        }
        long minCommit = 0, maxCommit = 0;
        if (!commits.IsEmpty)
        {
            (minCommit, maxCommit) = (long.MaxValue, long.MinValue);
            foreach (long commit in commits)
            {
                minCommit = Math.Min(minCommit, commit);
                maxCommit = Math.Max(maxCommit, commit);
            }
        }
        MinRowId = RowCount == 0 ? rowIds[0] : MinRowId;
        MinCommit = RowCount == 0 ? minCommit : Math.Min(MinCommit, minCommit);
        MaxCommit = RowCount == 0 ? maxCommit : Math.Max(MaxCommit, maxCommit);
        MaxRowId = rowIds[^1];
        RowCount += rowIds.Length;
        AddPlaces(rowIds, minCommit, maxCommit, written);
        for (int i = 0; i < schema.Columns.Length; i++)
        {
            Zone zone = ZoneKey.Bounds(schema.Columns[i].Type, rows.Columns[i]);
            _zones.Int32(zone.NullCount);
            _zones.Int32(zone.HasBounds ? 1 : 0);
            _zones.Int64(zone.Min);
            _zones.Int64(zone.Max);
        }
    }

    internal void AddTo(SidecarWriter sidecar, bool hasCommits)
    {
        ByteWriter head = new();
        head.UInt32(schema.TableOid);
        head.Int32(ColumnBatch.RowsMax);
        head.Int32(RowCount);
        head.Int32(hasCommits ? 1 : 0);
        head.Int64(TailOffset);
        head.UInt32(_headChecksum);
        head.UInt32(_tailChecksum);
        head.Int64(MinRowId);
        head.Int64(MaxRowId);
        head.Int64(MinCommit);
        head.Int64(MaxCommit);
        head.Int32(schema.Columns.Length);
        head.Int32(schema.Keys.Length);
        foreach (SegmentColumn column in schema.Columns)
        {
            head.Int16(column.Number);
            head.Int16((short)column.Physical);
            head.UInt32(column.Type.Oid);
            head.Int32(column.Type.Modifier);
            head.Text(column.Name);
        }
        foreach (SegmentKey key in schema.Keys)
        {
            head.UInt32(key.IndexOid);
            head.Int16(key.NullsNotDistinct ? (short)1 : (short)0);
            head.Int16((short)key.Columns.Length);
            foreach (short number in key.Columns)
                head.Int16(number);
        }
        sidecar.Add(SidecarSectionKind.Schema, 0, head.Written.ToArray());
        sidecar.Add(SidecarSectionKind.Batches, 0, _batches.Written.ToArray());
        sidecar.Add(SidecarSectionKind.Zones, 0, _zones.Written.ToArray());
        for (int i = 0; i < _blocks.Length; i++)
        {
            if (_blocks[i] is { } blocks)
                sidecar.Add(SidecarSectionKind.BlockChecksums, (uint)schema.Columns[i].Number, blocks.Written.ToArray());
        }
    }

    private void AddPlaces(ReadOnlySpan<long> rowIds, long minCommit, long maxCommit, WrittenBatch written)
    {
        _batches.Int64(rowIds[0]);
        _batches.Int64(rowIds[^1]);
        _batches.Int64(minCommit);
        _batches.Int64(maxCommit);
        _batches.Int64(written.Offset);
        _batches.Int32(written.MetadataBytes);
        _batches.UInt32(Checksum.Crc32C(written.Metadata.Span));
        _batches.Int64(written.Body.Length);
        for (int i = 0; i + 1 < written.Columns.Length; i++)
        {
            int start = written.Columns[i], length = written.Columns[i + 1] - start;
            _batches.Int64(start);
            _batches.Int32(length);
            _batches.UInt32(Checksum.Crc32C(written.Body.Span.Slice(start, length)));
            int column = i - (written.Columns.Length - 1 - schema.Columns.Length);
            if (column >= 0 && ArrowTypeMap.IsMapped(schema.Columns[column].Type))
            {
                AddBlocks(_blocks[column] ??= new ByteWriter(), written.Offset + written.MetadataBytes + start,
                    written.Body.Span.Slice(start, length));
            }
        }
    }

    private static void AddBlocks(ByteWriter target, long start, ReadOnlySpan<byte> bytes)
    {
        int count = SidecarFormat.BlockCount(start, bytes.Length);
        for (int block = 0; block < count; block++)
        {
            (int first, int length) = SidecarFormat.BytesOf(start, bytes.Length, block);
            target.UInt32(Checksum.Crc32C(bytes.Slice(first, length)));
        }
    }
}
