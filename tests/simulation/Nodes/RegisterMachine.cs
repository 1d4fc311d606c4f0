using System.Buffers.Binary;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Replication;

namespace VecSQL.Simulation.Tests.Nodes;

/// <summary>A write of a register, as the machine keeps it.</summary>
internal readonly record struct RegisterWrite(LogPosition Position, int Key, long Value, long Timestamp);

/// <summary>Registers, with all their writes in order: what stands for a shard's tables.</summary>
internal sealed class RegisterMachine : IReplicaMachine
{
    private const int WriteBytes = 32, HeadBytes = 16;

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly long[] _values;
    private ulong _checksum;
    private ulong? _atCheck;

    public RegisterMachine(IFileSystem files, string directory, int keyCount)
    {
        _files = files;
        _directory = directory;
        _values = new long[keyCount];
        files.CreateDirectory(directory);
        Rewind();
    }

    public List<RegisterWrite> Writes { get; } = [];

    public LogPosition Applied { get; private set; }

    public LogPosition Durable { get; private set; }

    private string FilePath => Path.Combine(_directory, "registers");

    public static byte[] Encode(int key, long value)
    {
        byte[] payload = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(payload, key);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(4), value);
        return payload;
    }

    public long Get(int key) => _values[key];

    public LogPosition Held => Durable;

    public bool Apply(RawRecord entry, IProposal? own)
    {
        Assert.Equal(Applied.Sequence.Next, entry.Position.Sequence);
        Applied = entry.Position;
        if (entry.Kind == LogRecordKind.Transaction)
        {
            ReadOnlySpan<byte> payload = entry.Payload.Span;
            Add(new RegisterWrite(entry.Position, BinaryPrimitives.ReadInt32LittleEndian(payload), BinaryPrimitives.ReadInt64LittleEndian(payload[4..]), entry.Timestamp));
        }
        if (entry.Kind == LogRecordKind.Check)
            _atCheck = _checksum;
        return true;
    }

    /// <summary>The last moment at or before which it has all that is or will be committed, as it was told; none since its files were read.</summary>
    public long Closed { get; private set; }

    public void Close(long moment) => Closed = Math.Max(Closed, moment);

    public ulong? Checksum() => _atCheck;

    /// <summary>A checksum of what it holds now.</summary>
    public ulong Content => _checksum;

    public void Lead(Term term)
    {
    }

    public void Follow()
    {
    }

    /// <summary>Makes durable what it holds.</summary>
    public void Checkpoint()
    {
        _files.ReplaceDurably(FilePath, Encode());
        Durable = Applied;
    }

    public void Rewind()
    {
        Load(_files.FileExists(FilePath) ? _files.ReadAll(FilePath) : default);
        Durable = Applied;
    }

    public void Discard()
    {
        _files.Delete(FilePath);
        _files.FlushDirectory(_directory);
        Rewind();
    }

    /// <summary>Changes a write, as a bug or a bad memory would.</summary>
    public void Damage()
    {
        RegisterWrite damaged = Writes[^1] with { Value = Writes[^1].Value + 1 };
        Writes.RemoveAt(Writes.Count - 1);
        _checksum++;
        Writes.Add(damaged);
    }

    public IMachineSnapshot OpenSnapshot() => new Snapshot(Durable, _files.FileExists(FilePath) ? _files.ReadAll(FilePath) : []);

    public IMachineInstall BeginInstall(LogPosition position, long length) => new Install(this, length);

    private void Add(RegisterWrite write)
    {
        Writes.Add(write);
        _values[write.Key] = write.Value;
        ulong hash = (ulong)write.Value * 0x9E3779B97F4A7C15 ^ (ulong)write.Position.Sequence.Value << 32 ^ write.Position.Term.Value;
        _checksum += (hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9;
    }

    private byte[] Encode()
    {
        byte[] bytes = new byte[HeadBytes + (Writes.Count * WriteBytes)];
        Write(bytes, Applied, 0);
        for (int i = 0; i < Writes.Count; i++)
        {
            Span<byte> target = bytes.AsSpan(HeadBytes + (i * WriteBytes));
            Write(target, Writes[i].Position, Writes[i].Key);
            BinaryPrimitives.WriteInt64LittleEndian(target[16..], Writes[i].Value);
            BinaryPrimitives.WriteInt64LittleEndian(target[24..], Writes[i].Timestamp);
        }
        return bytes;
    }

    private static void Write(Span<byte> target, LogPosition position, int key)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, position.Term.Value);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], key);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], position.Sequence.Value);
    }

    private void Load(ReadOnlySpan<byte> bytes)
    {
        Writes.Clear();
        Array.Clear(_values);
        Closed = 0;
        _checksum = 0;
        Applied = default;
        if (bytes.IsEmpty)
            return;
        Applied = Position(bytes);
        for (bytes = bytes[HeadBytes..]; !bytes.IsEmpty; bytes = bytes[WriteBytes..])
        {
            Add(new RegisterWrite(Position(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[24..])));
        }
    }

    private static LogPosition Position(ReadOnlySpan<byte> bytes) => new(
        new Term(BinaryPrimitives.ReadUInt32LittleEndian(bytes)), new LogSequence(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])));

    private sealed class Snapshot(LogPosition position, byte[] bytes) : IMachineSnapshot
    {
        public LogPosition Position => position;

        public long Length => bytes.Length;

        public uint Checksum { get; } = Storage.Files.Checksum.Crc32C(bytes);

        public ReadOnlyMemory<byte> Read(long offset, int lengthMax) =>
            bytes.AsMemory((int)offset, (int)Math.Min(lengthMax, bytes.Length - offset));

        public void Dispose()
        {
        }
    }

    private sealed class Install(RegisterMachine machine, long length) : IMachineInstall
    {
        private readonly MemoryStream _bytes = new((int)length);

        public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

        public bool Complete(uint checksum)
        {
            byte[] bytes = _bytes.ToArray();
            if (Storage.Files.Checksum.Crc32C(bytes) != checksum)
                return false;
            machine._files.ReplaceDurably(machine.FilePath, bytes);
            machine.Rewind();
            return true;
        }

        public void Dispose()
        {
        }
    }
}
