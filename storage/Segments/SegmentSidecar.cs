using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Where a record batch lies in the Arrow file.</summary>
internal readonly record struct BatchPlace(long Offset, int MetadataBytes, uint MetadataChecksum, long BodyBytes);

/// <summary>What a segment's sidecar says, in words instead of bytes.</summary>
/// <remarks>Layout: see <see cref="SidecarFormat"/>. Threads: any.</remarks>
internal sealed class SegmentSidecar
{
    private const int ColumnsMax = 10_000, NameBytesMax = 1 << 16;

    private readonly SidecarFile _sidecar;
    private readonly SidecarSection _batches, _zones;
    private readonly int _batchBytes;

    /// <exception cref="CorruptFileException">A section is missing, damaged, or does not fit
    /// <paramref name="info"/>.</exception>
    internal SegmentSidecar(MappedFile file, SegmentInfo info)
    {
        _sidecar = new SidecarFile(file);
        SidecarSection head = Section(file, SidecarSectionKind.Schema);
        try
        {
            Reader reader = new(head.Read(0, head.Length));
            uint table = reader.UInt32();
            RowsPerBatch = reader.Int32();
            RowCount = reader.Int32();
            HiddenCount = reader.Int32() == 0 ? 1 : 2;
            TailOffset = reader.Int64();
            HeadChecksum = reader.UInt32();
            TailChecksum = reader.UInt32();
            long minRowId = reader.Int64(), maxRowId = reader.Int64();
            reader.Skip(2 * sizeof(long)); // commit timestamps: the manifest's may be newer
            Schema = ReadSchema(table, ref reader);
            bool fits = table == info.TableOid && RowCount == info.RowCount && minRowId == info.MinRowId
                && maxRowId == info.MaxRowId && _sidecar.ArrowBytes == info.ArrowBytes
                    && file.Length == info.SidecarBytes
                && (HiddenCount == 2 || info.HasOneCommit) && RowsPerBatch is > 0 and <= ColumnBatch.RowsMax
                    && RowCount > 0;
            if (!fits)
                throw new CorruptFileException(
                    file.Path, 0, $"it is not the sidecar of segment {info.Id} that the manifest names");
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new CorruptFileException(file.Path, 0, "the schema section is too short");
        }
        BatchCount = (int)(((long)RowCount + RowsPerBatch - 1) / RowsPerBatch);
        FieldCount = HiddenCount + Schema.Columns.Length;
        _batchBytes = SidecarFormat.BatchFixedBytes + (FieldCount * SidecarFormat.BatchColumnBytes);
        _batches = Section(file, SidecarSectionKind.Batches);
        _zones = Section(file, SidecarSectionKind.Zones);
    }

    internal SegmentSchema Schema { get; }

    internal int RowCount { get; }

    internal int RowsPerBatch { get; }

    internal int BatchCount { get; }

    /// <summary>Hidden columns before the table's: the row id, and the commit timestamp where it is stored.</summary>
    internal int HiddenCount { get; }

    /// <summary>Columns of the Arrow file.</summary>
    internal int FieldCount { get; }

    /// <summary>Where the last batch ends in the Arrow file.</summary>
    internal long TailOffset { get; }

    internal uint HeadChecksum { get; }

    internal uint TailChecksum { get; }

    internal long MinRowId(int batch) => BinaryPrimitives.ReadInt64LittleEndian(BatchBytes(batch, 0, 8));

    internal long MaxRowId(int batch) => BinaryPrimitives.ReadInt64LittleEndian(BatchBytes(batch, 8, 8));

    internal BatchPlace PlaceOf(int batch)
    {
        ReadOnlySpan<byte> bytes = BatchBytes(batch, 32, 24);
        return new BatchPlace(
            BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
    }

    /// <summary>Where a column lies in the body of a batch, and its checksum.</summary>
    internal (long Offset, int Length, uint Checksum) ColumnPlaceOf(int batch, int field)
    {
        int start = SidecarFormat.BatchFixedBytes + (field * SidecarFormat.BatchColumnBytes);
        ReadOnlySpan<byte> bytes = BatchBytes(batch, start, SidecarFormat.BatchColumnBytes);
        return (BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
    }

    internal Zone ZoneOf(int batch, int ordinal)
    {
        if (ordinal < 0)
            return default;
        long start = (((long)batch * Schema.Columns.Length) + ordinal) * SidecarFormat.ZoneBytes;
        ReadOnlySpan<byte> bytes = _zones.Read(start, SidecarFormat.ZoneBytes);
        return new Zone(
            BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) != 0,
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
    }

    /// <summary>Checksums of the blocks of a column's bytes, batch by batch; null where there are none.</summary>
    internal SidecarSection? BlockChecksumsOf(short column) =>
        _sidecar.Find(SidecarSectionKind.BlockChecksums, (uint)column);

    internal bool HasKey(uint indexOid) => _sidecar.Find(SidecarSectionKind.KeyTable, indexOid) is not null;

    internal int FindKey(uint indexOid, ulong hash, Span<int> positions)
    {
        SidecarSection? filter = _sidecar.Find(SidecarSectionKind.KeyFilter, indexOid);
        if (filter is not null && !KeyTable.MayHave(filter, hash))
            return 0;
        SidecarSection? table = _sidecar.Find(SidecarSectionKind.KeyTable, indexOid);
        return table is null ? 0 : KeyTable.Find(table, hash, positions);
    }

    private ReadOnlySpan<byte> BatchBytes(int batch, int start, int length) =>
        _batches.Read(((long)batch * _batchBytes) + start, length);

    private SidecarSection Section(MappedFile file, SidecarSectionKind kind) =>
        _sidecar.Find(kind) ?? throw new CorruptFileException(file.Path, 0, $"section {kind} is missing");

    private static SegmentSchema ReadSchema(uint table, ref Reader reader)
    {
        int columnCount = reader.Count(ColumnsMax), keyCount = reader.Count(ColumnsMax);
        ImmutableArray<SegmentColumn>.Builder columns = ImmutableArray.CreateBuilder<SegmentColumn>();
        for (int i = 0; i < columnCount; i++)
        {
            short number = reader.Int16();
            PhysicalType physical = (PhysicalType)reader.Int16();
            SqlType type = new(reader.UInt32(), reader.Int32());
            columns.Add(new SegmentColumn(number, reader.Text(), type, physical));
        }
        ImmutableArray<SegmentKey>.Builder keys = ImmutableArray.CreateBuilder<SegmentKey>();
        for (int i = 0; i < keyCount; i++)
        {
            uint index = reader.UInt32();
            bool nullsNotDistinct = reader.Int16() != 0;
            ImmutableArray<short>.Builder numbers = ImmutableArray.CreateBuilder<short>();
            for (int left = reader.Int16(); left > 0; left--)
                numbers.Add(reader.Int16());
            keys.Add(new SegmentKey(index, numbers.ToImmutable(), nullsNotDistinct));
        }
        return new SegmentSchema(table, columns.ToImmutable(), keys.ToImmutable());
    }

    /// <summary>Takes integers from the front; past the end it throws
    /// <see cref="ArgumentOutOfRangeException"/>.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        internal short Int16() => BinaryPrimitives.ReadInt16LittleEndian(Take(2));

        internal int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

        internal uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

        internal long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

        internal int Count(int max)
        {
            int count = Int32();
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)max);
            return count;
        }

        internal string Text() => Encoding.UTF8.GetString(Take(Count(NameBytesMax)));

        internal void Skip(int count) => Take(count);

        private ReadOnlySpan<byte> Take(int count)
        {
            ReadOnlySpan<byte> taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }
    }
}
