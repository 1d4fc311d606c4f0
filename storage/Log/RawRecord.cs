using VecSQL.Catalog.Placement;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Log;

/// <summary>A record of a shard's log as it lies in a file and travels between nodes: header, payload, zeros.</summary>
/// <remarks>Ownership: the bytes belong to whoever they were read for; nothing copies them.</remarks>
public readonly record struct RawRecord
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly LogRecordHeader _header;

    private RawRecord(LogRecordHeader header, ReadOnlyMemory<byte> bytes)
    {
        _header = header;
        _bytes = bytes;
    }

    public LogPosition Position => new(new Term(_header.Term), new LogSequence(_header.Sequence));

    public LogRecordKind Kind => _header.Kind;

    public long Timestamp => _header.Timestamp;

    public ReadOnlyMemory<byte> Payload => _bytes.Slice(LogFormat.RecordHeaderBytes, _header.Length);

    /// <summary>Bytes in a file and in a message.</summary>
    public int Length => _bytes.Length;

    internal LogEntry Entry => new(Kind, Timestamp, Payload, Position.Term);

    /// <summary>Cuts bytes into records, each whole and with the right checksum, with sequences one after the other.</summary>
    /// <exception cref="InvalidDataException">They are not that.</exception>
    public static List<RawRecord> Split(ReadOnlyMemory<byte> bytes)
    {
        List<RawRecord> records = [];
        while (!bytes.IsEmpty)
        {
            if (!LogFormat.TryReadRecord(bytes.Span, out LogRecordHeader header))
                throw new InvalidDataException("a log record is not whole");
            if (records.Count > 0 && header.Sequence != records[^1]._header.Sequence + 1)
                throw new InvalidDataException($"log record {header.Sequence} follows record {records[^1]._header.Sequence}");
            int length = LogFormat.PaddedLength(header.Length);
            records.Add(new RawRecord(header, bytes[..length]));
            bytes = bytes[length..];
        }
        return records;
    }

    /// <exception cref="CorruptFileException">What a file holds at the place is not the records that were written.</exception>
    internal static List<RawRecord> Split(ReadOnlyMemory<byte> bytes, string path, long offset)
    {
        try
        {
            return Split(bytes);
        }
        catch (InvalidDataException cause)
        {
            throw new CorruptFileException(path, offset, cause.Message, cause);
        }
    }
}
