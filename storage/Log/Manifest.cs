using System.Buffers.Binary;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>A table in the manifest: its segments, each with the number of its delete file (0 for none).</summary>
/// <param name="History">When the table was last truncated: what it had before is kept no longer.</param>
internal sealed record ManifestTable(TableId Table, long NextRowId, IReadOnlyList<ManifestSegment> Segments, long History = 0);

internal readonly record struct ManifestSegment(SegmentInfo Info, long DeleteFile);

/// <summary>What a data directory holds at a point of the log; start-up is this, and then the log from there.</summary>
/// <remarks>
/// Layout: 8 bytes "VSQLMAN", 0; u32 version; u32 payload length; u32 CRC-32C of the payload; u32 CRC-32C of the 20
///         bytes before; payload:
/// <code>
/// log sequence, commit timestamp, history, next oid, next file number
/// count of catalog objects, each as bytes; sequences as <see cref="SequenceRecord"/>
/// count of tables, each: oid, next row id, history, count of segments, each: id, row count, first and last row id, first and
/// last
/// commit, bytes of its two files, number of its delete file
/// count of prepared transactions, each: number of its file
/// the term of the log sequence; term and sequence of the last record of which something may be here; version of the catalog
/// count of segments whose files come by the log, each: id, term
/// </code>
/// Version 1 has no histories and no prepared transactions; version 2 ends with these.
/// It is replaced whole: written beside, flushed, renamed over the old one.
/// </remarks>
/// <param name="LogSequence">Records up to this one are in what the manifest names.</param>
/// <param name="Timestamp">The commit timestamp of that record.</param>
internal sealed record Manifest(
    long LogSequence, long Timestamp, uint NextOid, long NextFile, IReadOnlyList<CatalogObject> Objects,
    IReadOnlyList<SequenceMark> Sequences, IReadOnlyList<ManifestTable> Tables)
{
    public const string FileName = "MANIFEST";

    private const int Version = 3, HeaderBytes = 24, HeaderChecksumOffset = 20;

    private static ReadOnlySpan<byte> Magic => "VSQLMAN\0"u8;

    /// <summary>Rows that were seen only before this moment may have been dropped.</summary>
    public long History { get; init; }

    /// <summary>The files of transactions that are prepared and not decided, in the order in which they were prepared.</summary>
    public IReadOnlyList<long> Prepared { get; init; } = [];

    /// <summary>The term of the record at the log sequence; 0 on a node that is alone.</summary>
    public Term Term { get; init; }

    /// <summary>The last record of which something may be here, such as a deletion; of a log that replicas keep.</summary>
    public LogPosition Held { get; init; }

    /// <summary>The version of the catalog under which the records were written, where that is kept elsewhere.</summary>
    public long CatalogVersion { get; init; }

    /// <summary>Segments whose files come by the log, and that no record has named yet, with the terms of the records that brought them.</summary>
    public IReadOnlyList<(SegmentId Segment, Term Term)> Arriving { get; init; } = [];

    public LogPosition Position => new(Term, new LogSequence(LogSequence));

    public static Manifest Empty => new(0, 0, CatalogSnapshot.Initial.NextOid, 1, [], [], []);

    public void Write(IFileSystem files, string directory) => files.ReplaceDurably(Path.Combine(directory, FileName), Encode());

    /// <summary>The file's bytes.</summary>
    public byte[] Encode()
    {
        PayloadWriter payload = new(1024);
        payload.WriteVarint(LogSequence);
        payload.WriteVarint(Timestamp);
        payload.WriteVarint(History);
        payload.WriteVarint((ulong)NextOid);
        payload.WriteVarint(NextFile);
        payload.WriteVarint(Objects.Count);
        foreach (CatalogObject item in Objects)
            payload.WriteBytes(CatalogCodec.Encode(new PutObject(item)));
        SequenceRecord.Write(payload, [.. Sequences]);
        payload.WriteVarint(Tables.Count);
        foreach (ManifestTable table in Tables)
            WriteTable(payload, table);
        payload.WriteVarint(Prepared.Count);
        foreach (long file in Prepared)
            payload.WriteVarint(file);
        payload.WriteVarint((ulong)Term.Value);
        payload.WriteVarint((ulong)Held.Term.Value);
        payload.WriteVarint(Held.Sequence.Value);
        payload.WriteVarint(CatalogVersion);
        payload.WriteVarint(Arriving.Count);
        foreach ((SegmentId segment, Term term) in Arriving)
        {
            payload.WriteVarint(segment.Value);
            payload.WriteVarint((ulong)term.Value);
        }
        return Wrap(payload.Written.Span);
    }

    /// <summary>The manifest of a directory; null where there is none yet.</summary>
    /// <exception cref="StorageException">Damaged, or of a newer version.</exception>
    public static Manifest? Read(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (!files.FileExists(path))
            return null;
        byte[] bytes = files.ReadAll(path);
        try
        {
            return Decode(path, bytes);
        }
        catch (InvalidDataException cause)
        {
            throw new StorageException(
                $"manifest \"{path}\" is damaged: {cause.Message}; restore the data directory from a backup", cause);
        }
    }

    internal static Manifest Decode(string path, ReadOnlySpan<byte> bytes)
    {
        PayloadReader source = new(Unwrap(path, bytes, out int version));
        long sequence = source.ReadInt64(), timestamp = source.ReadInt64();
        long history = version == 1 ? timestamp : source.ReadInt64();
        uint nextOid = source.ReadOid();
        long nextFile = source.ReadInt64();
        var objects = new CatalogObject[source.ReadCount(1)];
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = CatalogCodec.Decode(source.ReadBytes()) is PutObject put
                ? put.Object
                : throw new InvalidDataException("a catalog change that is no object");
        }
        SequenceMark[] sequences = SequenceRecord.Read(ref source);
        var tables = new ManifestTable[source.ReadCount(3)];
        for (int i = 0; i < tables.Length; i++)
            tables[i] = ReadTable(ref source, version);
        var prepared = new long[version == 1 ? 0 : source.ReadCount(1)];
        for (int i = 0; i < prepared.Length; i++)
            prepared[i] = source.ReadInt64();
        Manifest manifest = new(sequence, timestamp, nextOid, nextFile, objects, sequences, tables) { History = history, Prepared = prepared };
        if (version >= 3)
            manifest = ReadLogPlace(ref source, manifest);
        return source.IsAtEnd
            ? manifest
            : throw new InvalidDataException($"{source.Remaining} bytes too many");
    }

    private static Manifest ReadLogPlace(ref PayloadReader source, Manifest manifest)
    {
        manifest = manifest with
        {
            Term = new Term(source.ReadOid()),
            Held = new LogPosition(new Term(source.ReadOid()), new LogSequence(source.ReadInt64())),
            CatalogVersion = source.ReadInt64(),
        };
        var arriving = new (SegmentId, Term)[source.ReadCount(2)];
        for (int i = 0; i < arriving.Length; i++)
            arriving[i] = (new SegmentId(source.ReadInt64()), new Term(source.ReadOid()));
        return manifest with { Arriving = arriving };
    }

    private static void WriteTable(PayloadWriter target, ManifestTable table)
    {
        target.WriteVarint((ulong)table.Table.Oid);
        target.WriteVarint(table.NextRowId);
        target.WriteVarint(table.History);
        target.WriteVarint(table.Segments.Count);
        foreach ((SegmentInfo info, long deleteFile) in table.Segments)
        {
            target.WriteVarint(info.Id.Value);
            target.WriteVarint(info.RowCount);
            target.WriteVarint(info.MinRowId);
            target.WriteVarint(info.MaxRowId);
            target.WriteVarint(info.MinCommit);
            target.WriteVarint(info.MaxCommit);
            target.WriteVarint(info.ArrowBytes);
            target.WriteVarint(info.SidecarBytes);
            target.WriteVarint(deleteFile);
        }
    }

    private static ManifestTable ReadTable(ref PayloadReader source, int version)
    {
        uint oid = source.ReadOid();
        long nextRowId = source.ReadInt64();
        long history = version == 1 ? 0 : source.ReadInt64();
        var segments = new ManifestSegment[source.ReadCount(9)];
        for (int i = 0; i < segments.Length; i++)
        {
            SegmentInfo info = new(new SegmentId(source.ReadInt64()), oid, source.ReadInt32(), source.ReadInt64(),
                source.ReadInt64(), source.ReadInt64(), source.ReadInt64(), source.ReadInt64(), source.ReadInt64());
            segments[i] = new ManifestSegment(info, source.ReadInt64());
        }
        return new ManifestTable(new TableId(oid), nextRowId, segments, history);
    }

    private static byte[] Wrap(ReadOnlySpan<byte> payload)
    {
        byte[] bytes = new byte[HeaderBytes + payload.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), Checksum.Crc32C(payload));
        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(HeaderChecksumOffset), Checksum.Crc32C(bytes.AsSpan(0, HeaderChecksumOffset)));
        payload.CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }

    private static ReadOnlySpan<byte> Unwrap(string path, ReadOnlySpan<byte> bytes, out int version)
    {
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic))
            throw new InvalidDataException("it does not begin as a manifest does");
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeaderChecksumOffset..]);
        if (stored != Checksum.Crc32C(bytes[..HeaderChecksumOffset]))
            throw new InvalidDataException("the checksum of its header is wrong");
        version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version is < 1 or > Version)
        {
            throw new StorageException(
                $"manifest \"{path}\" has format version {version}, and this program reads versions up to {Version}: " +
                "start the program that wrote it, or a newer one");
        }
        ReadOnlySpan<byte> payload = bytes[HeaderBytes..];
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) != payload.Length)
            throw new InvalidDataException($"it has {payload.Length} bytes where its header says otherwise");
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) == Checksum.Crc32C(payload)
            ? payload
            : throw new InvalidDataException("its checksum is wrong");
    }
}
