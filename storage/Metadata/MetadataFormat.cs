using System.Buffers.Binary;
using VecSQL.Catalog.Metadata;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Metadata;

/// <summary>How a journal of metadata is laid out. Integers are little-endian; varints as in the log.</summary>
/// <remarks>
/// Layout:
/// <code>
/// file    0  8 bytes "VSQLMETA"   8 u32 version   12 u32 zero   16 u64 sequence of the first record   24 u32 zero
/// 28 u32 CRC-32C of bytes 0 to 27
/// record  0  u32 payload length   4 u32 CRC-32C of bytes 8 to the end of the payload   8 u64 sequence
/// 16 payload, then zeros up to a multiple of 8
/// state   revision, last lease; count of leases: each id, ticks; count of entries: each key, value, created, modified, lease
/// step    count of puts: each key, value, lease; count of deletions: each key; lease granted, its ticks; lease ended
/// </code>
/// The first record's payload is a state, all others' are steps.
/// </remarks>
internal static class MetadataFormat
{
    public const int Version = 1, FileHeaderBytes = 32, RecordHeaderBytes = 16, Alignment = 8;

    /// <summary>A state is at most what a store can hold in memory; a longer record is none.</summary>
    public const int PayloadBytesMax = 1 << 30;

    private const int FileChecksumOffset = 28;

    private static ReadOnlySpan<byte> Magic => "VSQLMETA"u8;

    public static void WriteFileHeader(PayloadWriter target, long firstSequence)
    {
        Span<byte> header = target.Room(FileHeaderBytes)[..FileHeaderBytes];
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], firstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(header[FileChecksumOffset..], Checksum.Crc32C(header[..FileChecksumOffset]));
        target.Advance(FileHeaderBytes);
    }

    /// <returns>The sequence of the first record.</returns>
    /// <exception cref="CorruptFileException">It is not a header.</exception>
    /// <exception cref="StorageException">Of a newer version.</exception>
    public static long ReadFileHeader(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FileHeaderBytes || !bytes.StartsWith(Magic))
            throw new CorruptFileException(path, 0, "it does not begin as a journal of metadata does");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[FileChecksumOffset..]) != Checksum.Crc32C(bytes[..FileChecksumOffset]))
            throw new CorruptFileException(path, 0, "the checksum of its header is wrong");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new StorageException(
                $"journal of metadata \"{path}\" has format version {version}, and this program reads version {Version}: " +
                "start the program that wrote it, or a newer one");
        }
        return BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
    }

    public static void WriteRecord(PayloadWriter target, long sequence, ReadOnlySpan<byte> payload)
    {
        int length = PaddedLength(payload.Length);
        Span<byte> record = target.Room(length)[..length];
        record.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(record, payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], sequence);
        payload.CopyTo(record[RecordHeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Checksum.Crc32C(record[8..(RecordHeaderBytes + payload.Length)]));
        target.Advance(length);
    }

    /// <summary>A whole record with the right checksum at the start of the bytes; false where there is none.</summary>
    public static bool TryReadRecord(ReadOnlySpan<byte> bytes, out long sequence, out ReadOnlySpan<byte> payload)
    {
        sequence = 0;
        payload = default;
        if (bytes.Length < RecordHeaderBytes)
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is <= 0 or > PayloadBytesMax || PaddedLength(length) > bytes.Length)
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Checksum.Crc32C(bytes[8..(RecordHeaderBytes + length)]))
            return false;
        sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        payload = bytes.Slice(RecordHeaderBytes, length);
        return true;
    }

    public static int PaddedLength(int payloadLength) => checked(RecordHeaderBytes + payloadLength + Alignment - 1) & ~(Alignment - 1);

    public static void WriteState(PayloadWriter target, MetadataState state)
    {
        target.WriteVarint(state.Revision);
        target.WriteVarint(state.LastLease);
        target.WriteVarint(state.Leases.Count);
        foreach (MetadataLease lease in state.Leases)
        {
            target.WriteVarint(lease.Id.Value);
            target.WriteVarint(lease.TimeToLive.Ticks);
        }
        target.WriteVarint(state.Entries.Count);
        foreach (MetadataEntry entry in state.Entries)
        {
            target.WriteText(entry.Key);
            target.WriteBytes(entry.Value.Span);
            target.WriteVarint(entry.Created);
            target.WriteVarint(entry.Modified);
            target.WriteVarint(entry.Lease.Value);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are no state.</exception>
    public static MetadataState ReadState(ReadOnlySpan<byte> bytes)
    {
        PayloadReader source = new(bytes);
        long revision = source.ReadInt64(), lastLease = source.ReadInt64();
        var leases = new MetadataLease[source.ReadCount(2)];
        HashSet<LeaseId> known = [];
        for (int i = 0; i < leases.Length; i++)
        {
            leases[i] = new MetadataLease(new LeaseId(source.ReadInt64()), ReadTime(ref source));
            if (leases[i].Id.IsNone || leases[i].Id.Value > lastLease || leases[i].TimeToLive <= TimeSpan.Zero || !known.Add(leases[i].Id))
                throw new InvalidDataException($"lease {leases[i].Id} cannot be");
        }
        var entries = new MetadataEntry[source.ReadCount(5)];
        for (int i = 0; i < entries.Length; i++)
        {
            MetadataEntry entry = new(source.ReadText(), source.ReadBytes().ToArray(), source.ReadInt64(), source.ReadInt64(), new LeaseId(source.ReadInt64()));
            bool isInOrder = i == 0 || KeyOrder.Instance.Compare(entries[i - 1].Key, entry.Key) < 0;
            if (!isInOrder || entry.Created > entry.Modified || entry.Modified > revision || (!entry.Lease.IsNone && !known.Contains(entry.Lease)))
                throw new InvalidDataException($"key \"{entry.Key}\" cannot be");
            entries[i] = entry;
        }
        End(source);
        return new MetadataState(revision, lastLease, entries, leases);
    }

    public static void WriteStep(PayloadWriter target, MetadataStep step)
    {
        target.WriteVarint(step.Puts.Count);
        foreach (MetadataPut put in step.Puts)
        {
            target.WriteText(put.Key);
            target.WriteBytes(put.Value.Span);
            target.WriteVarint(put.Lease.Value);
        }
        target.WriteVarint(step.Deletes.Count);
        foreach (string key in step.Deletes)
            target.WriteText(key);
        target.WriteVarint(step.Granted.Value);
        target.WriteVarint(step.TimeToLive.Ticks);
        target.WriteVarint(step.Ended.Value);
    }

    /// <exception cref="InvalidDataException">The bytes are no step.</exception>
    public static MetadataStep ReadStep(ReadOnlySpan<byte> bytes)
    {
        PayloadReader source = new(bytes);
        var puts = new MetadataPut[source.ReadCount(3)];
        for (int i = 0; i < puts.Length; i++)
            puts[i] = new MetadataPut(source.ReadText(), source.ReadBytes().ToArray(), new LeaseId(source.ReadInt64()));
        var deletes = new string[source.ReadCount(1)];
        for (int i = 0; i < deletes.Length; i++)
            deletes[i] = source.ReadText();
        MetadataStep step = new()
        {
            Puts = puts,
            Deletes = deletes,
            Granted = new LeaseId(source.ReadInt64()),
            TimeToLive = ReadTime(ref source),
            Ended = new LeaseId(source.ReadInt64()),
        };
        End(source);
        return step;
    }

    private static TimeSpan ReadTime(ref PayloadReader source)
    {
        long ticks = source.ReadInt64();
        return ticks <= TimeSpan.TicksPerDay * 365 * 100 ? TimeSpan.FromTicks(ticks) : throw new InvalidDataException($"a time of {ticks} ticks");
    }

    private static void End(PayloadReader source)
    {
        if (!source.IsAtEnd)
            throw new InvalidDataException($"{source.Remaining} bytes too many");
    }
}
