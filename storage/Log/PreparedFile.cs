using System.Buffers.Binary;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>A prepared transaction on disk, once the log that had its record is about to be dropped. Written by a checkpoint.</summary>
/// <remarks>
/// Layout: 8 bytes "VSQLPRE", 0; u32 version; u32 payload length; u32 CRC-32C of the payload; u32 CRC-32C of the 20 bytes before; payload:
/// the earliest timestamp that it may commit at; then the payload of its record (<see cref="PrepareRecord"/>).
/// </remarks>
internal static class PreparedFile
{
    private const int Version = 1, HeaderBytes = 24, HeaderChecksumOffset = 20;

    private static ReadOnlySpan<byte> Magic => "VSQLPRE\0"u8;

    public static string NameOf(long number) => $"{number:x16}.prepared";

    public static void Write(IFileSystem files, string directory, long number, long bound, ReadOnlyMemory<byte> record)
    {
        PayloadWriter start = new(16);
        start.WriteVarint(bound);
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), start.Length + record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), Checksum.Crc32C(record.Span, Checksum.Crc32C(start.Written.Span)));
        BinaryPrimitives.WriteUInt32LittleEndian(
            header.AsSpan(HeaderChecksumOffset), Checksum.Crc32C(header.AsSpan(0, HeaderChecksumOffset)));
        using IFile file = files.Open(Path.Combine(directory, NameOf(number)), FileOpening.Replace);
        file.Write(0, [header, start.Written, record]);
        file.Flush();
    }

    /// <exception cref="StorageException">Missing, damaged, or of a newer version.</exception>
    public static PreparedTransaction Read(IFileSystem files, string directory, long number)
    {
        string path = Path.Combine(directory, NameOf(number));
        try
        {
            return Decode(path, files.ReadAll(path), number);
        }
        catch (FileFaultException fault) when (fault.Fault == FileFault.NotFound)
        {
            throw new StorageException($"a prepared transaction is missing: {fault.Message}; restore the data directory from a backup", fault);
        }
        catch (InvalidDataException cause)
        {
            throw new StorageException(
                $"prepared transaction \"{path}\" is damaged: {cause.Message}; restore the data directory from a backup", cause);
        }
    }

    internal static PreparedTransaction Decode(string path, ReadOnlySpan<byte> bytes, long number)
    {
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic))
            throw new InvalidDataException("it does not begin as such a file does");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeaderChecksumOffset..]) != Checksum.Crc32C(bytes[..HeaderChecksumOffset]))
            throw new InvalidDataException("the checksum of its header is wrong");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new StorageException(
                $"prepared transaction \"{path}\" has format version {version}, and this program reads version {Version}: " +
                "start the program that wrote it, or a newer one");
        }
        ReadOnlySpan<byte> payload = bytes[HeaderBytes..];
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) != payload.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) != Checksum.Crc32C(payload))
        {
            throw new InvalidDataException("its length or checksum is wrong");
        }
        PayloadReader source = new(payload);
        long bound = source.ReadInt64();
        return new PreparedTransaction(PrepareRecord.Decode(source.ReadRaw(source.Remaining)), bound, default, number);
    }
}
